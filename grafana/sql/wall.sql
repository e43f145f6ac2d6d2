{% import "_shared.sql" as s with context %}
-- Le mur: one cell a guichet and ISO week; a week nobody watched has no cell.
WITH {{ s.counts(where, s.week("d.day") ~ " AS monday") }}
SELECT monday AS "time", guichet,
  CASE WHEN NOT {{ s.guard(WEEKLY_LEAST) }} THEN 'insuffisant'
    WHEN zeros = conclusive THEN '100 %' WHEN zeros = 0 THEN '0 %'
    ELSE least(99, greatest(1, round(100 * (zeros::float8 / conclusive)))) || ' %' END AS "Value"
FROM counts ORDER BY monday, guichet
