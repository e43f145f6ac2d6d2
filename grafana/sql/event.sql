-- The event itself, with its source.
SELECT day AS "notifiée", complied AS "exécutée", title AS "décision", kind AS "nature", source
FROM events WHERE id = ${decision:sqlstring}
