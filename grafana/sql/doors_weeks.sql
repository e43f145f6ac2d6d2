{% import "_shared.sql" as s with context %}
-- Deux portes, by week.
WITH {{ s.pairs() }}
SELECT to_char({{ s.week("day") }}, 'IYYY-"W"IW') AS "semaine", count(*) AS "n couples",
  count(*) FILTER (WHERE here_zero AND NOT there_zero) AS "aucun créneau ici seulement",
  count(*) FILTER (WHERE here_zero AND there_zero) AS "aucun créneau aux deux portes",
  count(*) FILTER (WHERE NOT here_zero AND NOT there_zero) AS "créneaux aux deux portes",
  count(*) FILTER (WHERE there_zero AND NOT here_zero) AS "aucun créneau à l'autre seulement"
FROM pairs GROUP BY 1 ORDER BY 1
