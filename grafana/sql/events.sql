SELECT day::timestamptz AS "time", title AS "text", kind AS tags FROM events
WHERE $__timeFilter(day::timestamptz)
