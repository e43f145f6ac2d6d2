"""Alembic runs this file: it runs the migrations on the connection from `monitor.store.database.schema`."""

from alembic import context
from alembic.util import CommandError

from monitor.store.tables.record import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise CommandError("Run migrations with `vigie db upgrade`: it knows the database and locks it.")

context.configure(
    connection=connection, target_metadata=metadata, transactional_ddl=True, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
