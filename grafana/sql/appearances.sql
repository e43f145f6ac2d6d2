{% import "_shared.sql" as s with context %}
-- When slots appear: each appearance spread over the interval in which it can lie, per hour that was watched.
WITH {{ s.instants() }}, {{ s.looks() }},
pairs AS (
  SELECT ended AS a, lead(ended) OVER o AS b, zero, NOT lead(zero) OVER o AS appeared
  FROM looks WINDOW o AS (ORDER BY at)
),
watched AS (SELECT a, b, appeared::int AS appeared FROM pairs CROSS JOIN hole WHERE zero AND b - a <= longest),
cells AS (
  SELECT appeared, b - a AS whole, greatest(a, h) AS s, least(b, h + interval '1 hour') AS e,
    (SELECT zone FROM instants LIMIT 1) AS zone
  FROM watched CROSS JOIN LATERAL generate_series(date_trunc('hour', a), b, interval '1 hour') AS h
),
rhythm AS (
  SELECT extract(isodow FROM s AT TIME ZONE zone)::int AS weekday,
    extract(hour FROM s AT TIME ZONE zone)::int AS hour,
    sum(appeared * extract(epoch FROM e - s)::float8 / extract(epoch FROM whole)::float8) AS events,
    sum(extract(epoch FROM e - s)::float8) / 3600 AS hours
  FROM cells WHERE e > s GROUP BY 1, 2
)
SELECT d.label AS "jour", coalesce(sum(events), 0) AS "apparitions", coalesce(sum(hours), 0) AS "heures observées"
  {%- for hour in range(24) %},
  max(100 * events / hours) FILTER (WHERE hour = {{ hour }}) AS "{{ hour }} h"
  {%- endfor %}
FROM (VALUES {% for day in DAYS %}({{ loop.index }}, '{{ day }}'){{ ", " if not loop.last }}{% endfor %}) AS d(weekday, label)
LEFT JOIN rhythm USING (weekday) GROUP BY d.weekday, d.label ORDER BY d.weekday
