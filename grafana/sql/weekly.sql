{% import "_shared.sql" as s with context %}
-- The share of attempts without a slot by ISO week, with n and coverage.
WITH {{ s.days(where) }},
weeks AS (SELECT {{ s.week("day") }} AS monday, {{ s.sums() }} FROM days GROUP BY 1)
SELECT monday AS "time", to_char(monday, 'IYYY-"W"IW') AS "semaine",
  {{ s.share(WEEKLY_LEAST) }} AS "part sans créneau", {{ s.bound() }} AS "borne du temps avec créneaux",
  conclusive AS "n", {{ s.ratios() }}, {{ s.reserve(WEEKLY_LEAST) }}
FROM weeks ORDER BY monday
