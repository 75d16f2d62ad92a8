"""The database: where it is, and its one table."""

import os

import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError

metadata = sa.MetaData()

time_entries = sa.Table(
    "time_entries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("person", sa.String(100), nullable=False),
    sa.Column("task", sa.String(200), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
)


def engine_from_environment(**options) -> Engine:
    """Connects when it is first used. Ends the program, with one line, where DATABASE_URL is of no use.

    The URL holds the password: it is in no message and no log.
    """
    value = os.environ.get("DATABASE_URL", "")
    if not value:
        raise SystemExit(
            "DATABASE_URL is not set: Clockko needs the URL of its database, postgresql://USER:PASSWORD@HOST/DATABASE"
        )
    try:
        url = make_url(value)
    except ArgumentError:
        raise SystemExit("DATABASE_URL is not a URL like postgresql://USER:PASSWORD@HOST/DATABASE") from None
    if url.drivername == "postgresql":
        # Which driver that means depends on the version of SQLAlchemy; psycopg2 is the one in requirements.txt.
        url = url.set(drivername="postgresql+psycopg2")
    timeout = {"connect_timeout": 5} if url.get_backend_name() == "postgresql" else {}
    # pool_pre_ping: a connection that the database closed meanwhile (failover, restart) is replaced, not an error.
    return sa.create_engine(url, future=True, pool_pre_ping=True, connect_args=timeout, **options)
