"""The HTTP service: `uvicorn --factory clockko.main:create_app`."""

import logging
import os
from datetime import datetime

import sqlalchemy as sa
from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from clockko.database import engine_from_environment, time_entries

log = logging.getLogger("uvicorn.error")


class NewEntry(BaseModel):
    person: str = Field(min_length=1, max_length=100)
    task: str = Field(min_length=1, max_length=200)
    note: str = ""


class Entry(NewEntry):
    id: int
    started_at: datetime
    ended_at: datetime | None


class About(BaseModel):
    app: str
    version: str
    entries: int


def create_app() -> FastAPI:
    version = os.environ.get("APP_VERSION") or "unversioned"
    engine = engine_from_environment()
    app = FastAPI(title="Clockko", version=version)

    @app.exception_handler(OperationalError)
    def database_away(request: Request, error: OperationalError) -> JSONResponse:
        log.error("%s %s: the database does not answer: %s", request.method, request.url.path, error.orig)
        return JSONResponse({"detail": "the database does not answer"}, status_code=503)

    @app.get("/health")
    def health() -> dict[str, str]:
        # Liveness: this process answers. The database is not asked, for ECS kills a task whose health check fails: with
        # the database away for a minute it would kill them all, and the new ones would be no better off.
        return {"status": "ok"}

    @app.get("/ready")
    def ready() -> dict[str, str]:
        with engine.connect() as db:
            db.execute(sa.select(sa.literal(1)))
        return {"status": "ready"}

    @app.get("/", response_model=About)
    def about():
        with engine.connect() as db:
            entries = db.execute(sa.select(sa.func.count()).select_from(time_entries)).scalar_one()
        return {"app": "clockko", "version": version, "entries": entries}

    @app.get("/entries", response_model=list[Entry])
    def list_entries(person: str | None = None, limit: int = Query(100, ge=1, le=500)):
        newest = sa.select(time_entries).order_by(time_entries.c.id.desc()).limit(limit)
        if person is not None:
            newest = newest.where(time_entries.c.person == person)
        with engine.connect() as db:
            return [dict(row) for row in db.execute(newest).mappings()]

    @app.post("/entries", response_model=Entry, status_code=201)
    def start_entry(entry: NewEntry):
        with engine.begin() as db:
            added = db.execute(time_entries.insert().values(person=entry.person, task=entry.task, note=entry.note))
            return read_entry(db, added.inserted_primary_key[0])

    @app.post("/entries/{entry_id}/stop", response_model=Entry)
    def stop_entry(entry_id: int):
        # Only a running entry is stopped, so that of two requests at the same time the second one changes nothing.
        running = sa.and_(time_entries.c.id == entry_id, time_entries.c.ended_at.is_(None))
        with engine.begin() as db:
            stopped = db.execute(time_entries.update().where(running).values(ended_at=sa.func.now()))
            entry = read_entry(db, entry_id)
        if stopped.rowcount == 0:
            raise HTTPException(409, "the entry was stopped before")
        return entry

    return app


def read_entry(db: Connection, entry_id: int) -> dict[str, object]:
    row = db.execute(sa.select(time_entries).where(time_entries.c.id == entry_id)).mappings().one_or_none()
    if row is None:
        raise HTTPException(404, "no such entry")
    return dict(row)
