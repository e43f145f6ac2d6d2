-- Instants nobody looked at, by day and reason.
SELECT e.day::text AS "jour", g.reason AS "raison", count(*) AS "n"
FROM entries e JOIN gaps g ON g.id = e.id WHERE $__timeFilter(e.at) GROUP BY 1, 2 ORDER BY 1 DESC, 2
