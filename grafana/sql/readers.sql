SELECT min(e.at) AS "time", 'lecture : ' || o.platform || ' ' || o.reader_version AS "text", 'reader' AS tags
FROM entries e JOIN observations o ON o.id = e.id
WHERE e.target = ${target:sqlstring} AND $__timeFilter(e.at) GROUP BY o.platform, o.reader_version
