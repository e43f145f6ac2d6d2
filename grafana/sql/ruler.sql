{% import "_shared.sql" as s with context %}
-- La règle: the gap to the earliest date; zeros, unread dates and silence as bands of their own.
WITH {{ s.instants() }}
SELECT at AS "time", first_day - day AS "délai", CASE WHEN zero THEN 1 END AS "aucune date",
  CASE WHEN NOT zero AND conclusive AND first_day IS NULL THEN 1 END AS "créneaux, date non lisible",
  CASE WHEN NOT conclusive THEN 1 END AS "sans réponse"
FROM instants ORDER BY at
