{% import "_shared.sql" as s with context %}
SELECT day::timestamptz AS "time", title AS "text", {{ s.told("kind", EVENTS) }} AS tags FROM events
WHERE $__timeFilter(day::timestamptz)
