{% import "_shared.sql" as s with context %}
-- One row a guichet over the whole time range: the accessible twin of the wall and of the map.
WITH {{ s.counts(where, drawn=true) }}
SELECT guichet, target, {{ s.share(WEEKLY_LEAST, true) }} AS "part sans créneau",
  {{ s.bound(true) }} AS "borne du temps avec créneaux", conclusive AS "n", {{ s.ratios() }},
  {{ s.reserve(WEEKLY_LEAST, true) }}
FROM counts ORDER BY 3 DESC NULLS LAST, guichet
