{% import "_shared.sql" as s with context %}
-- One point a département, at its préfecture: numerators and denominators added up, never ratios averaged.
WITH {{ s.counts(where) }},
total AS (SELECT departement, count(*) AS guichets, {{ s.sums() }} FROM counts GROUP BY 1)
SELECT departement AS "département", latitude, longitude, {{ s.share(WEEKLY_LEAST) }} AS "part sans créneau",
  guichets, conclusive AS "n", {{ s.ratios() }},
  CASE WHEN NOT {{ s.guard(WEEKLY_LEAST) }} THEN '?' ELSE round(100 * (zeros::float8 / conclusive)) || ' %' END
    AS "affiché"
FROM total JOIN (VALUES {% for code, (latitude, longitude) in PLACES.items() -%}
  ('{{ code }}', {{ latitude }}::float8, {{ longitude }}::float8){{ ", " if not loop.last }}
  {%- endfor %}) AS p(departement, latitude, longitude) USING (departement)
ORDER BY departement
