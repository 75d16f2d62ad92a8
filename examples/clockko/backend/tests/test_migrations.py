"""The migrations make the tables that the code expects, and never two at a time."""

import subprocess
import sys
import time

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from clockko.database import metadata


def test_the_migrations_make_the_tables_of_the_code(database):
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_second_upgrade_changes_nothing(database, alembic, client):
    client.post("/entries", json={"person": "ada", "task": "write the paper"})
    command.upgrade(alembic, "head")
    assert client.get("/").json()["entries"] == 1


def test_it_prints_its_sql_without_a_database(alembic, monkeypatch, capsys):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    command.upgrade(alembic, "head", sql=True)
    assert "CREATE TABLE time_entries" in capsys.readouterr().out


def test_of_two_upgrades_at_once_the_second_one_waits(database, alembic):
    if database.dialect.name != "postgresql":
        pytest.skip("needs TEST_DATABASE_URL: only PostgreSQL has advisory locks")
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with database.connect() as other:
        other.execute(sa.text("SELECT pg_advisory_lock(20250701)"))
        upgrade = [sys.executable, "-m", "alembic", "-c", alembic.config_file_name, "upgrade", "head"]
        with subprocess.Popen(upgrade) as process:
            deadline = time.monotonic() + 20
            while other.execute(waiting).scalar_one() == 0:
                assert process.poll() is None and time.monotonic() < deadline, "it did not wait"
                time.sleep(0.05)
            other.execute(sa.text("SELECT pg_advisory_unlock(20250701)"))
            assert process.wait(timeout=20) == 0
