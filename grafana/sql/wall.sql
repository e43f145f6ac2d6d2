{% import "_shared.sql" as s with context %}
-- Le mur: one cell a guichet and ISO week; a week nobody watched has no cell.
WITH {{ s.counts(where, s.week("d.day") ~ " AS monday") }}
SELECT monday AS "time", guichet,
  CASE WHEN NOT {{ s.guard(WEEKLY_LEAST) }} THEN 'insuffisant' ELSE {{ s.percent() }} END AS "Value"
FROM counts ORDER BY monday, guichet
