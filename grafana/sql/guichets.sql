{% import "_shared.sql" as s with context %}
-- One row a guichet over the whole time range: the accessible twin of the wall and of the map.
WITH {{ s.days(where) }},
total AS (SELECT target, guichet, {{ s.sums() }} FROM days GROUP BY 1, 2)
SELECT guichet, target, {{ s.share(WEEKLY_LEAST) }} AS "part sans créneau",
  {{ s.bound() }} AS "borne du temps avec créneaux", conclusive AS "n", {{ s.ratios() }},
  {{ s.reserve(WEEKLY_LEAST) }}
FROM total ORDER BY 3 DESC NULLS LAST, guichet
