{% import "_shared.sql" as s with context %}
-- The event itself, with its source.
SELECT day::text AS "notifiée", complied::text AS "exécutée", title AS "décision", {{ s.told("kind", EVENTS) }} AS "nature", source
FROM events WHERE id = ${decision:sqlstring}
