{% import "_shared.sql" as s with context %}
-- One point a département: numerators and denominators added up, never ratios averaged. Those drawn apart bear their code.
WITH {{ s.counts(where) }},
total AS (SELECT departement, count(*) AS guichets, {{ s.sums() }} FROM counts GROUP BY 1)
SELECT departement AS "département", latitude, longitude, {{ s.share(WEEKLY_LEAST, true) }} AS "part sans créneau",
  guichets, conclusive AS "n", {{ s.ratios() }},
  CASE WHEN apart THEN departement || ' : ' ELSE '' END || CASE WHEN NOT {{ s.guard(WEEKLY_LEAST, true) }} THEN '?'
    ELSE {{ s.percent() }} END AS "affiché"
FROM total JOIN (VALUES {% for code, (latitude, longitude) in PLACES.items() -%}
  ('{{ code }}', {{ latitude }}::float8, {{ longitude }}::float8, {{ code in APART_ON_THE_MAP }}){{ ", " if not loop.last }}
  {%- endfor %}) AS p(departement, latitude, longitude, apart) USING (departement)
ORDER BY departement
