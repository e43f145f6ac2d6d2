SELECT since AS "time", coalesce(closed_at, since) AS "timeEnd", kind || ' : ' || key AS "text", kind AS tags
FROM incidents WHERE $__timeFilter(since)
