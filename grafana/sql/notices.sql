{% import "_shared.sql" as s with context %}
-- What the page said beside the slots: each notice with its first and last sight.
SELECT notice AS "annonce", min(e.at) AS "vue la première fois", max(e.at) AS "vue la dernière fois", count(*) AS "n"
FROM entries e JOIN observations o ON o.id = e.id
CROSS JOIN LATERAL json_array_elements_text(o.notices) AS notice
WHERE e.target = ${target:sqlstring} AND $__timeFilter(e.at) AND e.at < {{ s.limit() }}
GROUP BY notice ORDER BY 2 DESC LIMIT 50
