{% import "_shared.sql" as s with context %}
-- Avant / après, by week: the target and its controls.
WITH {{ s.windows() }},
weeks AS (SELECT {{ s.week("day") }} AS monday, guichet, asked, {{ s.sums() }} FROM days GROUP BY 1, 2, 3)
SELECT monday AS "time", guichet || CASE WHEN asked THEN ' (visé)' ELSE ' (témoin)' END AS metric, {{ s.share(WEEKLY_LEAST) }} AS value FROM weeks ORDER BY 1, 2
