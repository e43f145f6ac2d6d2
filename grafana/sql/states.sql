{% import "_shared.sql" as s with context %}
-- What each instant gave; an instant nobody looked at is a state of its own.
WITH {{ s.instants() }}
SELECT at AS "time", coalesce(outcome, 'not_executed') AS "état" FROM instants ORDER BY at
