{% import "_shared.sql" as s with context %}
-- Whether the booking site answered: hours (UTC) with a drawn visit to any guichet of its host. Hours in which
-- several hosts were silent are left out, for the fault is likelier our own network.
-- Hour by hour, so that the first answer found in one is enough: a host may hold all the guichets there are.
{% macro heard(host, said) -%}
EXISTS (
    SELECT FROM hosts h CROSS JOIN LATERAL (
      SELECT FROM entries e JOIN observations o ON o.id = e.id
      LEFT JOIN LATERAL (
        SELECT a.outcome FROM rereadings a WHERE a.observation_id = o.id ORDER BY a.id DESC LIMIT 1) AS r ON true
      WHERE e.target = h.target AND o.origin = 'scheduled' AND $__timeFilter(e.at) AND e.at < {{ s.limit() }}
        AND e.at >= hour AND e.at < hour + interval '1 hour'
        AND coalesce(r.outcome, o.outcome) {{ said }} LIMIT 1
    ) AS one
    WHERE h.host = {{ host }} LIMIT 1
  )
{%- endmacro %}
{% set answer = "NOT IN ('site_down', 'overloaded', 'probe_error')" %}
{% set silence = "IN ('site_down', 'overloaded')" %}
WITH hosts AS MATERIALIZED (
  SELECT t.target, lower(substring(v.content->>'url' from '^[a-zA-Z]+://([^/:?#]+)')) AS host
  FROM targets t JOIN target_versions v ON v.id = t.version_id
),
here AS MATERIALIZED (SELECT host FROM hosts WHERE target = ${target:sqlstring}),
watched AS MATERIALIZED (
  SELECT hour FROM generate_series(
    date_trunc('hour', $__timeFrom()::timestamptz, 'UTC'), $__timeTo()::timestamptz, interval '1 hour') AS hour
  WHERE EXISTS (SELECT FROM entries e WHERE e.at >= hour AND e.at < hour + interval '1 hour')
),
hours AS MATERIALIZED (
  SELECT hour, answered
  FROM watched CROSS JOIN LATERAL (SELECT {{ heard("(SELECT host FROM here)", answer) }} AS answered) AS seen
  WHERE answered OR {{ heard("(SELECT host FROM here)", silence) }}
),
judged AS (
  SELECT answered, NOT answered AND 1 + (
    SELECT count(*) FROM (SELECT DISTINCT host FROM hosts EXCEPT SELECT host FROM here) AS other
    WHERE {{ heard("other.host", silence) }} AND NOT {{ heard("other.host", answer) }}
  ) >= {{ OURS }} AS excluded
  FROM hours
)
SELECT (SELECT host FROM here) AS "site",
  count(*) FILTER (WHERE answered)::float8 / nullif(count(*) FILTER (WHERE NOT excluded), 0)
    AS "part des heures avec réponse",
  count(*) FILTER (WHERE NOT excluded) AS "n",
  count(*) FILTER (WHERE NOT answered AND NOT excluded) AS "sans réponse", count(*) FILTER (WHERE excluded) AS "écartées"
FROM judged HAVING count(*) > 0
