"""What every test may ask for: real services (private ones unless the environment names others), one fresh database a test, instants.

Tests never touch the demo's database: a template is migrated once a run and cloned for each test that wants one.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from ioc.calendar import WorkCalendar
from ioc.db import Connection, connect, migrate, pool
from ioc.meter import prepare
from ioc.store import Profile, Store, create_units
from tests.world import COMPARE, UNITS

ROOT = Path(__file__).parent.parent
CALENDAR = WorkCalendar()


@pytest.fixture(scope="session")
def services() -> dict[str, str]:
    """Addresses of a real PostgreSQL with TimescaleDB and a real Redis, kept running as long as this process lives."""
    if os.environ.get("IOC_DATABASE_URL") and os.environ.get("IOC_REDIS_URL"):
        return {name: os.environ[name] for name in ("IOC_DATABASE_URL", "IOC_REDIS_URL")}
    script = str(ROOT / "scripts" / "services")
    subprocess.run([script, "start", "--while", str(os.getpid())], check=True, timeout=300)
    lines = subprocess.run([script, "urls"], check=True, capture_output=True, text=True, timeout=30).stdout.split()
    return dict(line.split("=", 1) for line in lines)


def _named(url: str, database: str) -> str:
    return url.rsplit("/", 1)[0] + "/" + database


def _admin(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(statement.encode())


@pytest.fixture(scope="session")
def template(services: dict[str, str]) -> Iterator[str]:
    """The name of a migrated, empty database."""
    name = f"ioc_template_{uuid.uuid4().hex[:10]}"
    url = services["IOC_DATABASE_URL"]
    _admin(url, f"create database {name}")
    asyncio.run(migrate(_named(url, name)))
    yield name
    _admin(url, f"drop database {name} with (force)")


@pytest.fixture
def database_url(services: dict[str, str], template: str) -> Iterator[str]:
    """A migrated database of this test's own."""
    name = f"ioc_test_{uuid.uuid4().hex[:10]}"
    url = services["IOC_DATABASE_URL"]
    _admin(url, f"create database {name} template {template}")
    yield _named(url, name)
    _admin(url, f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def redis_url(services: dict[str, str]) -> str:
    return services["IOC_REDIS_URL"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that services of a test's own can live in: as root they run as another user, which pytest's folders keep out."""
    made = Path(tempfile.mkdtemp(prefix="ioc-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def now() -> datetime:
    """A Friday afternoon in November, as all screens show it: 20/11/2026 14:05:32 in Vietnam."""
    return datetime(2026, 11, 20, 7, 5, 32, tzinfo=UTC)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A store with twelve units and two sources: one compared by date, one by instant."""
    connections = pool(database_url, size=4)
    await connections.open()
    made = Store(connections)
    async with connections.connection() as db:
        await create_units(db, UNITS)
    for name, compare in COMPARE.items():
        await made.declare(Profile(name=name, title=name, calendar=CALENDAR, compare=compare))
    yield made
    await connections.close()


@pytest.fixture
async def reader(database_url: str) -> AsyncIterator[Connection]:
    """The meter's own connection."""
    async with await connect(database_url) as db:
        yield await prepare(db)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Connection]:
    """One more connection."""
    async with await connect(database_url) as db:
        yield db
