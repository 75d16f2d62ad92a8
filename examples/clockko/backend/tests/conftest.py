"""Every test gets a database whose tables the migrations have made.

TEST_DATABASE_URL names an empty PostgreSQL for it. Without it SQLite takes its place, which is good enough for all but
the tests that say so. It is not DATABASE_URL: the tests must not empty a database in use.
"""

import os

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient

from clockko.database import engine_from_environment
from clockko.main import create_app

BACKEND = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@pytest.fixture
def alembic():
    return Config(os.path.join(BACKEND, "alembic.ini"))


@pytest.fixture
def database_url(tmp_path, monkeypatch):
    url = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{tmp_path}/clockko.db")
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.fixture
def database(database_url, alembic):
    command.upgrade(alembic, "head")
    engine = engine_from_environment()
    yield engine
    engine.dispose()
    command.downgrade(alembic, "base")


@pytest.fixture
def client(database, monkeypatch):
    monkeypatch.setenv("APP_VERSION", "7")
    with TestClient(create_app()) as client:
        yield client
