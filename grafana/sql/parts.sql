{% import "_shared.sql" as s with context %}
-- The honesty bar: every scheduled instant of every guichet by what became of it; each row adds up to n.
WITH {{ s.names() }},
parts AS (
  SELECT n.guichet, CASE WHEN d.kind = 'gap' THEN 'not_executed' ELSE d.result END AS part, sum(d.n) AS n
  FROM names n JOIN day_tallies d USING (target)
  WHERE {{ s.shown_days() }} AND {{ where }} GROUP BY 1, 2
)
SELECT guichet, sum(n)::bigint AS "n programmées"
  {%- for part, label in PARTS.items() %},
  coalesce(sum(n) FILTER (WHERE part = '{{ part }}'), 0)::bigint AS "{{ label }}"
  {%- endfor %}
FROM parts GROUP BY guichet ORDER BY guichet
