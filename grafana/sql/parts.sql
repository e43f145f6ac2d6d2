{% import "_shared.sql" as s with context %}
-- The honesty bar: every scheduled instant of every guichet by what became of it; each row adds up to n.
WITH {{ s.names() }},
parts AS (
  SELECT n.guichet, p.*
  FROM names n CROSS JOIN LATERAL (
    SELECT CASE WHEN d.kind = 'gap' THEN 'not_executed' ELSE d.result END AS part, sum(d.n) AS n
    FROM day_tallies d WHERE d.target = n.target AND {{ s.shown_days() }} GROUP BY 1
  ) AS p
  WHERE {{ where }}
)
SELECT guichet, {{ s.told_parts() }}
FROM parts GROUP BY guichet ORDER BY guichet
