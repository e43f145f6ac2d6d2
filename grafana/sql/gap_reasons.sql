-- Instants nobody looked at, by reason.
SELECT e.day::timestamp AS "time", g.reason AS metric, count(*) AS value
FROM entries e JOIN gaps g ON g.id = e.id WHERE $__timeFilter(e.at) GROUP BY 1, 2 ORDER BY 1, 2
