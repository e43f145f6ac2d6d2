{% import "_shared.sql" as s with context %}
-- The share of attempts without a slot by ISO week, with n and coverage.
WITH {{ s.counts(where, s.week("d.day") ~ " AS monday", drawn=true) }},
weeks AS (SELECT monday, {{ s.sums(true) }} FROM counts GROUP BY 1)
SELECT monday AS "time", to_char(monday, 'IYYY-"W"IW') AS "semaine",
  {{ s.share(WEEKLY_LEAST) }} AS "part sans créneau", {{ s.bound() }} AS "borne du temps avec créneaux",
  conclusive AS "n", {{ s.ratios() }}, {{ s.reserve(WEEKLY_LEAST) }}
FROM weeks ORDER BY monday
