-- Mails waiting or sent late, without any address.
SELECT count(*) FILTER (WHERE delivery_id IS NULL AND dropped IS NULL) AS "en attente",
  min(due_at) FILTER (WHERE delivery_id IS NULL AND dropped IS NULL) AS "la plus ancienne",
  count(*) FILTER (WHERE dropped IS NOT NULL) AS "abandonnées"
FROM outbox
