"""What answers when the database does not, and what happens without one."""

import os
import subprocess
import sys

import pytest
from fastapi.testclient import TestClient

from clockko.main import create_app


def test_it_is_alive_and_ready(client):
    assert client.get("/health").status_code == 200
    assert client.get("/ready").json() == {"status": "ready"}


def test_without_its_database_it_is_alive_but_not_ready(monkeypatch, caplog):
    monkeypatch.setenv("DATABASE_URL", "postgresql://clockko:swordfish@127.0.0.1:1/clockko")
    with TestClient(create_app()) as client:
        assert client.get("/health").status_code == 200
        for path in ("/ready", "/", "/entries"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.json() == {"detail": "the database does not answer"}
    assert "127.0.0.1" in caplog.text
    assert "swordfish" not in caplog.text


@pytest.mark.parametrize(
    "command", [["uvicorn", "--factory", "clockko.main:create_app"], ["alembic", "upgrade", "head"]]
)
@pytest.mark.parametrize(
    ("url", "message"),
    [
        (None, "DATABASE_URL is not set"),
        ("", "DATABASE_URL is not set"),
        ("clockko:swordfish@db", "DATABASE_URL is not a URL"),
    ],
)
def test_without_a_usable_url_it_ends_with_one_line(command, url, message):
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    if url is not None:
        environment["DATABASE_URL"] = url
    backend = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=backend, env=environment, capture_output=True, text=True, timeout=30
    )
    assert ended.returncode == 1
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith(message)
    assert "swordfish" not in ended.stdout + ended.stderr
