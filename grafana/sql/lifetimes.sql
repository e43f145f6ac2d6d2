{% import "_shared.sql" as s with context %}
-- The band of the median lifetime of slots; without an upper bound when half of the openings have none.
WITH {{ s.instants() }}, {{ s.looks() }}, {{ s.openings() }},
counts AS (
  SELECT count(DISTINCT day) AS days, max(day) - min(day) + 1 AS span, count(*) AS scheduled, count(outcome) AS executed, count(*) FILTER (WHERE conclusive) AS conclusive
  FROM instants
),
band AS (
  SELECT count(*) AS n, percentile_disc(0.5) WITHIN GROUP (ORDER BY least) AS least,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(most, 'infinity') DESC) AS most
  FROM openings
),
told AS (
  SELECT *, {{ s.guard(1, true) }} AND n >= {{ OPENINGS_LEAST }} AS ok FROM counts CROSS JOIN band
)
SELECT CASE WHEN ok THEN least / 3600 END AS "médiane, au moins",
  CASE WHEN ok THEN nullif(most, 'infinity') / 3600 END AS "médiane, au plus", n AS "ouvertures",
  conclusive AS "n", {{ s.ratios() }},
  CASE WHEN NOT ok THEN 'données insuffisantes' WHEN most = 'infinity' THEN 'sans borne supérieure' ELSE 'aucune' END
    AS "réserve"
FROM told WHERE scheduled > 0
