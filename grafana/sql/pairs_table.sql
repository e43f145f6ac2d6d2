{% import "_shared.sql" as s with context %}
-- Deux portes: McNemar's table of the pairs.
WITH {{ s.pairs() }},
counted AS (
  SELECT count(*) AS n, count(*) FILTER (WHERE here_zero AND there_zero) AS both_zero,
    count(*) FILTER (WHERE here_zero AND NOT there_zero) AS here_alone,
    count(*) FILTER (WHERE there_zero AND NOT here_zero) AS there_alone,
    count(*) FILTER (WHERE NOT here_zero AND NOT there_zero) AS neither
  FROM pairs
)
SELECT label AS "ici, en ligne", CASE WHEN n >= {{ PAIRS_LEAST }} THEN a END AS "aucun créneau à l'autre porte",
  CASE WHEN n >= {{ PAIRS_LEAST }} THEN b END AS "créneaux à l'autre porte", n AS "n couples",
  CASE WHEN n >= {{ PAIRS_LEAST }} THEN 'aucune' ELSE 'données insuffisantes' END AS "réserve"
FROM counted CROSS JOIN LATERAL (VALUES
  (1, 'aucun créneau ici', both_zero, here_alone), (2, 'créneaux ici', there_alone, neither)
) AS l(i, label, a, b) ORDER BY i
