{% import "_shared.sql" as s with context %}
-- Avant / après: the same length before the notification and from the compliance on.
WITH {{ s.windows() }},
sums AS (
  SELECT guichet, asked, period, last - first + 1 AS length, count(*) AS watched, {{ s.sums() }}
  FROM days JOIN windows ON day BETWEEN first AND last GROUP BY 1, 2, 3, 4
)
SELECT guichet, CASE WHEN asked THEN 'visé' ELSE 'témoin' END AS "rôle", period AS "période",
  CASE WHEN {{ s.drawn_days("watched", "length") }} THEN {{ s.share(1) }} END AS "part sans créneau", conclusive AS "n",
  {{ s.ratios() }},
  CASE WHEN {{ s.drawn_days("watched", "length") }} AND {{ s.guard(1) }} THEN 'aucune' ELSE 'données insuffisantes' END AS "réserve"
FROM sums ORDER BY asked DESC, guichet, period DESC
