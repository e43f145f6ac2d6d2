{% import "_shared.sql" as s with context %}
-- The latest openings, each between two bounds: visits that saw slots, and the zeros on both sides.
WITH {{ s.instants() }}, {{ s.looks() }}, {{ s.openings() }}
SELECT first AS "vue la première fois", last AS "vue la dernière fois", least / 3600 AS "au moins", most / 3600 AS "au plus",
  n AS "n"
FROM openings ORDER BY first DESC LIMIT 50
