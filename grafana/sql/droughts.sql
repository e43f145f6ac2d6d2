{% import "_shared.sql" as s with context %}
-- Runs of zeros: certain length without a hole of more than three intervals, possible length between slots seen.
WITH {{ s.instants() }}, {{ s.looks() }},
seen AS (
  SELECT at, began, ended, zero, {{ s.silence() }} AS silence, sum((NOT zero)::int) OVER o AS run
  FROM looks WINDOW o AS (ORDER BY at)
),
zeros AS (
  SELECT at, began, ended, run,
    sum(coalesce(silence::int, 0)) OVER (PARTITION BY run ORDER BY at) AS stretch
  FROM seen WHERE zero
),
stretches AS (
  SELECT run, greatest(max(began) - min(ended), interval '0') AS lasting, min(began) AS first, max(ended) AS last,
    min(at) AS first_at, max(at) AS last_at, count(*) AS n
  FROM zeros GROUP BY run, stretch
),
runs AS (
  SELECT run, max(lasting) AS lasting, min(first) AS first, max(last) AS last, sum(n)::bigint AS n,
    min(first_at) AS first_at, max(last_at) AS last_at
  FROM stretches GROUP BY run
)
SELECT r.first AS "début", r.last AS "dernier zéro", extract(epoch FROM r.lasting)::float8 / 86400 AS "au moins",
  extract(epoch FROM a.ended - b.began)::float8 / 86400 AS "au plus",
  coalesce(nullif(concat_ws(', ',
    CASE WHEN b.at IS NULL THEN 'début non observé' END, CASE WHEN a.at IS NULL THEN 'fin non observée' END), ''),
    'aucune')
    AS "réserve", r.n AS "n",
  (SELECT count(outcome)::float8 / count(*) FROM instants WHERE at BETWEEN r.first_at AND r.last_at)
    AS "couverture"
FROM runs r LEFT JOIN seen b ON NOT b.zero AND b.run = r.run LEFT JOIN seen a ON NOT a.zero AND a.run = r.run + 1
ORDER BY r.lasting DESC, r.first LIMIT 20
