"""Run by Alembic for each command, on the connection that `migrations/upgrade.py` opened."""

from __future__ import annotations

from alembic import context

from models import Base

# The connection's transaction is the migration's: all of it, or nothing.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
)
context.run_migrations()
