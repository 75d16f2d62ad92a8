"""What alembic runs to get at the database."""

from logging.config import fileConfig

from alembic import context
from sqlalchemy import pool, text

from clockko.database import engine_from_environment, metadata

# Any number, as long as nothing else in this database takes an advisory lock of the same number.
MIGRATION_LOCK = 20250701

fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def migrate() -> None:
    # No pool: at the end the connection is closed, not kept for later.
    with engine_from_environment(poolclass=pool.NullPool).connect() as connection:
        if connection.dialect.name == "postgresql":
            # Of two deployments at the same time the second one waits here and then finds nothing left to do. The lock
            # belongs to the session: it survives transactions, and is released with the connection, however this ends.
            connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": MIGRATION_LOCK})
            connection.commit()
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()


def print_sql() -> None:
    context.configure(dialect_name="postgresql", target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():  # alembic upgrade head --sql
    print_sql()
else:
    migrate()
