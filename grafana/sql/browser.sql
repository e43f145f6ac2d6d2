-- The browser's visits by day and version: how many, how many failed by our own fault, how long they took.
SELECT e.day::text AS "jour", coalesce(o.browser, 'inconnu') AS "navigateur", count(*) AS "n",
  count(*) FILTER (WHERE o.outcome = 'probe_error') AS "défauts",
  count(*) FILTER (WHERE o.outcome = 'probe_error')::float8 / count(*) AS "part de défauts",
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM o.finished_at - o.started_at)::float8)
    AS "durée médiane"
FROM entries e JOIN observations o ON o.id = e.id
WHERE $__timeFilter(e.at) AND o.transport = 'browser' GROUP BY 1, 2 ORDER BY 1 DESC, 2
