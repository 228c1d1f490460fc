"""Alembic's entry: runs the migrations on the connection given by tapal_server.db.migrate."""

from alembic import context

from tapal_server.db.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
