{% import "_shared.sql" as s with context %}
-- The rows behind the figures, newest first.
WITH {{ s.instants() }}
SELECT id AS "ligne", at AS "instant", coalesce(outcome, 'not_executed') AS "état",
  coalesce(reason, failure, rule) AS "règle ou raison", words AS "mots de la page", first_day::text AS "première date"
FROM instants ORDER BY at DESC LIMIT 200
