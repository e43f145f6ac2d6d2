{% import "_shared.sql" as s with context %}
-- La Cimade's five classes by ISO week. A month is a calendar month, its last day left out.
{% set month, two = "day + interval '1 month'", "day + interval '2 months'" -%}
{% set is = [
  "first_day < " ~ month ~ " AND second_day < " ~ month,
  "first_day < " ~ month ~ " AND (second_day < " ~ month ~ ") IS NOT TRUE",
  "first_day >= " ~ month ~ " AND first_day < " ~ two,
  "first_day >= " ~ two,
  "zero",
  "NOT zero AND first_day IS NULL",
] -%}
WITH {{ s.instants() }},
weeks AS (
  SELECT to_char({{ s.week("day") }}, 'IYYY-"W"IW') AS week,
    count(*) AS scheduled, count(outcome) AS executed, count(*) FILTER (WHERE conclusive) AS conclusive
    {%- for condition in is %},
    count(*) FILTER (WHERE conclusive AND {{ condition }}) AS class_{{ loop.index }}
    {%- endfor %}
  FROM instants GROUP BY 1
)
SELECT week AS "semaine", conclusive AS "n"
  {%- for label in DELAYS %},
  CASE WHEN {{ s.guard(WEEKLY_LEAST) }} THEN class_{{ loop.index }} END AS "{{ label }}"
  {%- endfor %}
FROM weeks WHERE conclusive > 0 ORDER BY 1
