-- A role for Grafana that can read the figures and nothing else: no address of a subscriber, no captured page.
-- psql --dbname=vigie --file=grafana/reader.sql     (after `vigie db upgrade`; again after each upgrade)
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vigie_grafana') THEN
    CREATE ROLE vigie_grafana LOGIN;
  END IF;
END
$$;
ALTER ROLE vigie_grafana SET default_transaction_read_only = on;
ALTER ROLE vigie_grafana SET statement_timeout = '30s';
ALTER ROLE vigie_grafana SET jit = off;  -- compiling a panel's query takes longer than running it
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM vigie_grafana;
GRANT SELECT ON
  targets, target_versions, entries, observations, gaps, rereadings, draws, tallies, day_tallies, latest, events, incidents
TO vigie_grafana;
-- of the log only which day a line belongs to: never what it says
GRANT SELECT ON log_days TO vigie_grafana;
GRANT SELECT (seq) ON log TO vigie_grafana;
-- of the outbox only what tells how much is waiting: never the recipient
GRANT SELECT (id, due_at, delivery_id, dropped) ON outbox TO vigie_grafana;
