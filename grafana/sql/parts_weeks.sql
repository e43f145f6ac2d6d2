{% import "_shared.sql" as s with context %}
-- The honesty bar of all chosen guichets together, one a week: each adds up to n.
WITH {{ s.names() }},
parts AS (
  SELECT p.*
  FROM names n CROSS JOIN LATERAL (
    SELECT {{ s.week("d.day") }} AS monday, CASE WHEN d.kind = 'gap' THEN 'not_executed' ELSE d.result END AS part,
      sum(d.n) AS n
    FROM day_tallies d WHERE d.target = n.target AND {{ s.shown_days() }} GROUP BY 1, 2
  ) AS p
  WHERE {{ where }}
)
SELECT to_char(monday, 'IYYY-"W"IW') AS "semaine", {{ s.told_parts() }}
FROM parts GROUP BY monday ORDER BY monday
