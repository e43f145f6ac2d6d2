{% import "_shared.sql" as s with context %}
SELECT since AS "time", coalesce(closed_at, since) AS "timeEnd", {{ s.told("kind", INCIDENTS) }} || ' : ' || key AS "text", kind AS tags
FROM incidents WHERE $__timeFilter(since)
