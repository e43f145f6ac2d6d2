-- The days of the evidence log, the latest first: a day can be sealed once the next one has begun.
SELECT day::text AS "jour", coalesce(lead(first_seq) OVER o, (SELECT max(seq) + 1 FROM log)) - first_seq AS "enregistrements",
  CASE WHEN lead(day) OVER o IS NULL THEN 'en cours' ELSE 'clos' END AS "état"
FROM log_days WINDOW o AS (ORDER BY day) ORDER BY day DESC LIMIT 30
