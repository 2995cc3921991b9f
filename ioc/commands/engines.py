"""Which PostgreSQL and Redis a command uses: those the environment names, else the project's private ones, started for its lifetime."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

SCRIPT = Path(__file__).parent.parent.parent / "scripts" / "services"
PRIVATE = "ioc"  # the database of the private services that `ioc import` and the like use
DEMO = "ioc_demo"


class EngineError(Exception):
    """No database to work with; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Addresses. `redis_url` "": none, one process alone. `private`: the project's own services."""

    database_url: str
    redis_url: str
    private: bool


def engines(database: str = PRIVATE, *, database_url: str = "", redis_url: str = "") -> Engines:
    """The addresses given, or those of the environment, or the private services with `database` made if it is not there."""
    given = database_url or os.environ.get("IOC_DATABASE_URL", "")
    if given:
        return Engines(database_url=given, redis_url=redis_url or os.environ.get("IOC_REDIS_URL", ""), private=False)
    urls = _start()
    url = urls["IOC_DATABASE_URL"].rsplit("/", 1)[0] + f"/{database}"
    create(urls["IOC_DATABASE_URL"], database)
    return Engines(database_url=url, redis_url=redis_url or os.environ.get("IOC_REDIS_URL", "") or urls["IOC_REDIS_URL"], private=True)


def _start() -> dict[str, str]:
    if not SCRIPT.is_file():
        raise EngineError("no database: set IOC_DATABASE_URL (and IOC_REDIS_URL), or run from a checkout after `make setup`")
    started = subprocess.run([str(SCRIPT), "start", "--while", str(os.getpid())], stdout=subprocess.DEVNULL, check=False)
    if started.returncode:
        raise EngineError("the private services did not start (see above); set IOC_DATABASE_URL and IOC_REDIS_URL to use others")
    lines = subprocess.run([str(SCRIPT), "urls"], capture_output=True, text=True, check=True).stdout.split()
    return dict(line.split("=", 1) for line in lines)


def create(url: str, database: str) -> None:
    """Make a database beside the one of `url`, if it is not there."""
    with psycopg.connect(url, autocommit=True) as db:
        if db.execute("select 1 from pg_database where datname = %s", [database]).fetchone() is None:
            db.execute(sql.SQL("create database {}").format(sql.Identifier(database)))
