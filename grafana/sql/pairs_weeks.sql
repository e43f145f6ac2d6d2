{% import "_shared.sql" as s with context %}
-- Deux portes, by week.
{% set results = {
  "aucun créneau ici seulement": "here_zero AND NOT there_zero",
  "aucun créneau aux deux portes": "here_zero AND there_zero",
  "créneaux aux deux portes": "NOT here_zero AND NOT there_zero",
  "aucun créneau à l'autre seulement": "there_zero AND NOT here_zero",
} -%}
WITH {{ s.pairs() }}
SELECT to_char({{ s.week("day") }}, 'IYYY-"W"IW') AS "semaine", count(*) AS "n couples"
  {%- for label, condition in results.items() %},
  CASE WHEN count(*) >= {{ WEEKLY_LEAST }} THEN count(*) FILTER (WHERE {{ condition }}) END AS "{{ label }}"
  {%- endfor %}
FROM pairs GROUP BY 1 ORDER BY 1
