-- The offset of our clock on the attempts, in seconds: the largest of each hour.
SELECT date_trunc('hour', e.at, 'UTC') AS "time", max(abs(o.clock_offset_ms)) / 1000 AS "écart de l'horloge"
FROM entries e JOIN observations o ON o.id = e.id
WHERE $__timeFilter(e.at) AND o.clock_offset_ms IS NOT NULL GROUP BY 1 ORDER BY 1
