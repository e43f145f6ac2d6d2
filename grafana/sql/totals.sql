{% import "_shared.sql" as s with context %}
-- What stands beside every percentage, over the whole time range: one row.
WITH {{ s.counts(where, drawn=true) }},
total AS (SELECT {{ s.sums(true) }} FROM counts)
SELECT {{ s.share(1, true) }} AS "part sans créneau", conclusive AS "n", scheduled AS "programmées",
  {{ s.ratios() }},
  unknown::float8 / nullif(executed, 0) AS "non reconnues",
  {{ s.bound(true) }} AS "borne du temps avec créneaux", {{ s.reserve(1, true) }}
FROM total WHERE scheduled > 0
