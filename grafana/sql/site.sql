{% import "_shared.sql" as s with context %}
-- Whether the booking site answered: hours (UTC) with a drawn visit to any guichet of its host. Hours in which
-- several hosts were silent are left out, for the fault is likelier our own network.
{% macro heard(targets, when) -%}
(
    SELECT e.at, coalesce(r.outcome, o.outcome) AS outcome
    FROM entries e JOIN observations o ON o.id = e.id
    LEFT JOIN rereadings r ON r.observation_id = o.id
      AND NOT EXISTS (SELECT FROM rereadings n WHERE n.observation_id = r.observation_id AND n.id > r.id)
    WHERE e.target = {{ targets }}.target AND o.origin = 'scheduled' AND {{ when }} AND e.at < {{ s.limit() }}
  )
{%- endmacro %}
{% set tried = "outcome <> 'probe_error'" %}
{% set answered = "bool_or(outcome NOT IN ('site_down', 'overloaded'))" %}
WITH hosts AS MATERIALIZED (
  SELECT t.target, lower(substring(v.content->>'url' from '^[a-zA-Z]+://([^/:?#]+)')) AS host
  FROM targets t JOIN target_versions v ON v.id = t.version_id
),
here AS (SELECT host FROM hosts WHERE target = ${target:sqlstring}),
hours AS MATERIALIZED (
  SELECT date_trunc('hour', at, 'UTC') AS hour, {{ answered }} AS answered
  FROM hosts JOIN here USING (host) CROSS JOIN LATERAL {{ heard("hosts", "$__timeFilter(e.at)") }} AS seen
  WHERE {{ tried }} GROUP BY 1
),
elsewhere AS (
  SELECT hour, hosts.host, {{ answered }} AS answered
  FROM (SELECT hour FROM hours WHERE NOT answered) AS silent
  JOIN hosts ON hosts.host <> (SELECT host FROM here)
  CROSS JOIN LATERAL {{ heard("hosts", "$__timeFilter(e.at) AND e.at >= hour AND e.at < hour + interval '1 hour'") }} AS seen
  WHERE {{ tried }} GROUP BY 1, 2
),
judged AS (
  SELECT answered, NOT answered AND 1 + (
    SELECT count(*) FROM elsewhere e WHERE e.hour = h.hour AND NOT e.answered) >= {{ OURS }} AS excluded
  FROM hours h
)
SELECT (SELECT host FROM here) AS "site",
  count(*) FILTER (WHERE answered)::float8 / nullif(count(*) FILTER (WHERE NOT excluded), 0) AS "part des heures avec réponse",
  count(*) FILTER (WHERE NOT excluded) AS "n", count(*) FILTER (WHERE NOT answered AND NOT excluded) AS "sans réponse",
  count(*) FILTER (WHERE excluded) AS "écartées"
FROM judged HAVING count(*) > 0
