{% import "_shared.sql" as s with context %}
-- Both doors at the same minutes.
WITH {{ s.pairs() }}
SELECT began AS "time", CASE WHEN here_zero THEN 'no_slots' ELSE 'slots_offered' END AS "ici",
  CASE WHEN there_zero THEN 'no_slots' ELSE 'slots_offered' END AS "à l'autre porte"
FROM pairs ORDER BY began
