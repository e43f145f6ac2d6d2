{% import "_shared.sql" as s with context %}
-- Median and ninth decile, a zero counted as infinitely far; then among the attempts with dates, labelled so.
{% set known = "FILTER (WHERE conclusive AND (zero OR first_day IS NOT NULL))" -%}
{% set dated = "FILTER (WHERE conclusive AND first_day IS NOT NULL)" -%}
WITH {{ s.instants() }}, {{ s.enough(GAP_LEAST) }},
quantiles AS (
  SELECT percentile_disc(ARRAY{{ QUANTILES }}) WITHIN GROUP (
      ORDER BY CASE WHEN zero THEN 'infinity'::float8 ELSE (first_day - day)::float8 END) {{ known }} AS every,
    percentile_disc(ARRAY{{ QUANTILES }}) WITHIN GROUP (ORDER BY first_day - day) {{ dated }} AS dated,
    count(*) FILTER (WHERE conclusive) AS n, count(*) {{ dated }} AS with_dates,
    count(*) {{ known }} >= {{ GAP_LEAST }} AS legible
  FROM instants
)
SELECT label AS "quantile",
  CASE WHEN NOT (ok AND legible) THEN 'données insuffisantes' WHEN every[i] = 'infinity' THEN 'aucune date'
    ELSE every[i] || ' j' END AS "parmi toutes les sondes", n AS "n",
  CASE WHEN ok AND legible THEN dated[i] END AS "parmi celles avec dates", with_dates AS "n avec dates"
FROM quantiles CROSS JOIN enough CROSS JOIN (VALUES (1, 'médiane'), (2, 'neuvième décile')) AS l(i, label)
