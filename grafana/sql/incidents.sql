{% import "_shared.sql" as s with context %}
SELECT {{ s.told("kind", INCIDENTS) }} AS "nature", key AS "où", since AS "depuis", closed_at AS "close", detail AS "détail"
FROM incidents WHERE closed_at IS NULL OR $__timeFilter(since) ORDER BY since DESC LIMIT 50
