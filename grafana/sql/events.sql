{% import "_shared.sql" as s with context %}
SELECT day::timestamp AT TIME ZONE 'UTC' AS "time", title AS "text", {{ s.told("kind", EVENTS) }} AS tags FROM events
WHERE $__timeFilter(day::timestamp AT TIME ZONE 'UTC')
