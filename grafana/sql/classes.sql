{% import "_shared.sql" as s with context %}
-- La Cimade's five classes by ISO week. A month is a calendar month, its last day left out.
{% set month, two = "day + interval '1 month'", "day + interval '2 months'" -%}
WITH {{ s.instants() }}
SELECT to_char({{ s.week("day") }}, 'IYYY-"W"IW') AS "semaine", count(*) AS "n",
  count(*) FILTER (WHERE first_day < {{ month }} AND second_day < {{ month }}) AS "{{ DELAYS[0] }}",
  count(*) FILTER (WHERE first_day < {{ month }} AND (second_day < {{ month }}) IS NOT TRUE) AS "{{ DELAYS[1] }}",
  count(*) FILTER (WHERE first_day >= {{ month }} AND first_day < {{ two }}) AS "{{ DELAYS[2] }}",
  count(*) FILTER (WHERE first_day >= {{ two }}) AS "{{ DELAYS[3] }}",
  count(*) FILTER (WHERE zero) AS "{{ DELAYS[4] }}",
  count(*) FILTER (WHERE NOT zero AND first_day IS NULL) AS "{{ DELAYS[5] }}"
FROM instants WHERE conclusive GROUP BY 1 ORDER BY 1
