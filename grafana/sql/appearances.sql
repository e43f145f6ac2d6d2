{% import "_shared.sql" as s with context %}
-- When slots appear: each appearance spread over the interval in which it can lie, per hour that was watched.
-- By half hours, of which the offset of every zone is a multiple; in order, so that sums have one value.
WITH {{ s.instants() }}, {{ s.enough(1) }}, {{ s.looks() }},
pairs AS (
  SELECT ended AS a, lead(ended) OVER o AS b, zero, NOT lead(zero) OVER o AS appeared,
    least(hole, lead(hole) OVER o) AS hole
  FROM looks WINDOW o AS (ORDER BY at)
),
watched AS (SELECT a, b, appeared FROM pairs WHERE zero AND b - a <= hole),
cells AS (
  SELECT appeared, extract(epoch FROM b - a)::float8 AS whole, greatest(a, h) AS s,
    extract(epoch FROM least(b, h + interval '30 minutes') - greatest(a, h)) AS seconds,
    greatest(a, h) AT TIME ZONE (SELECT zone FROM instants LIMIT 1) AS local
  FROM watched CROSS JOIN LATERAL
    generate_series(date_bin('30 minutes', a, timestamptz 'epoch'), b, interval '30 minutes') AS h
  WHERE b > h
),
rhythm AS (
  SELECT extract(isodow FROM local)::int AS weekday, extract(hour FROM local)::int AS hour,
    coalesce(sum(seconds::float8 / whole ORDER BY s) FILTER (WHERE appeared), 0) AS events,
    sum(seconds)::float8 / 3600 AS hours
  FROM cells GROUP BY 1, 2
)
SELECT d.label AS "jour", coalesce(sum(events ORDER BY hour), 0) AS "apparitions",
  coalesce(sum(hours ORDER BY hour), 0) AS "heures observées"
  {%- for hour in range(24) %},
  CASE WHEN ok THEN max(100 * events / hours) FILTER (WHERE hour = {{ hour }}) END AS "{{ hour }} h"
  {%- endfor %}
FROM (VALUES {% for day in DAYS %}({{ loop.index }}, '{{ day }}'){{ ", " if not loop.last }}{% endfor %}) AS d(weekday, label)
CROSS JOIN enough LEFT JOIN rhythm USING (weekday) GROUP BY d.weekday, d.label, ok ORDER BY d.weekday
