"""`ioc demo`: a province with nobody's data in it. Its departments run in a process of their own; everything else is the real server.

It runs by examples/demo.toml, completed with addresses and written to IOC_HOME/demo. The province begins at the first start and is the
same one at every later start; after a fortnight without one it begins anew.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from collectors.departments.province_names import units
from ioc.commands.engines import DEMO, EngineError, Engines, engines
from ioc.commands.serve import listener, logging_to, port_of, run
from ioc.config import ConfigError, load
from ioc.server.app import build, prepare
from ioc.server.jobs import utcnow

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
SOURCES = {"onestop", "commune", "documents"}
UNIT_FIELDS = ("code", "name", "level", "parent", "valid_from", "valid_to", "successor", "short", "row", "col", "alt_codes")
DATABASE_ID = "select system_identifier::text || '/' || oid from pg_control_system(), pg_database where datname = current_database()"
TOO_LONG_AGO = timedelta(days=14)  # living through more takes longer than beginning anew


def start(*, exit_with_parent: bool, seed: int) -> None:
    if exit_with_parent:
        _end_with_parent()
    if not EXAMPLES.is_dir():
        raise EngineError("the demo runs from a checkout of the project: its examples are not part of the installed package")
    folder = Path(os.environ.get("IOC_HOME") or ROOT / ".ioc") / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    wire = _listener(folder)
    used = engines(DEMO)
    epoch = _epoch(folder, used, seed)
    with _departments(epoch, seed) as departments:
        config = load(_write_config(folder, _addresses(departments)))
        logging_to(config)
        os.environ["IOC_DATABASE_URL"], os.environ["IOC_REDIS_URL"] = used.database_url, used.redis_url
        port = wire.getsockname()[1]
        run(build(prepare(config)), wire, ready=lambda: _say(port))


def _say(port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    print(f"\n  Màn hình / Wall:  {address}/wall\n  API:              {address}/api/openapi.json\n  Dừng / Stop:      Ctrl-C\n", flush=True)


def _listener(folder: Path) -> socket.socket:
    """IOC_PORT if it is given; else the port of the last time while it is free, else any free one."""
    if os.environ.get("IOC_PORT"):
        return listener("127.0.0.1", port_of(0))
    remembered = folder / "port"
    try:
        wire = listener("127.0.0.1", int(remembered.read_text(encoding="utf-8")))
    except (OSError, ValueError, ConfigError):
        wire = listener("127.0.0.1", 0)
    remembered.write_text(str(wire.getsockname()[1]), encoding="utf-8")
    return wire


def _epoch(folder: Path, used: Engines, seed: int) -> datetime:
    """When this demo's province began. Anew, with an empty database, when it never did, with another seed, or too long ago."""
    begun, now = folder / "begun.json", utcnow()
    _only_ours(used.database_url)
    if begun.is_file():
        said = json.loads(begun.read_text(encoding="utf-8"))
        epoch = datetime.fromisoformat(said["epoch"])
        if said["seed"] == seed and timedelta(0) <= now - epoch < TOO_LONG_AGO and said["database"] == _database_id(used.database_url):
            return epoch
    print("Tạo tỉnh mẫu với 90 ngày lịch sử… / Creating the demo province with 90 days of history…", flush=True)
    _empty(used.database_url)
    said = {"epoch": now.isoformat(), "seed": seed, "database": _database_id(used.database_url)}
    begun.write_text(json.dumps(said), encoding="utf-8")
    return now


def _only_ours(url: str) -> None:
    """The demo never mixes its invented dossiers with somebody's."""
    with psycopg.connect(url, autocommit=True) as db:
        if db.execute("select to_regclass('sources')").fetchone() == (None,):
            return
        strangers = {name for (name,) in db.execute("select name from sources").fetchall()} - SOURCES
    if strangers:
        raise EngineError(f"the database holds source {min(strangers)!r}, which is not the demo's; give the demo a database of its own")


def _database_id(url: str) -> str:
    """Which database this is, not only what it is called: one that was made anew begins anew."""
    with psycopg.connect(url, autocommit=True) as db:
        row = db.execute(DATABASE_ID).fetchone()
    return str(row[0]) if row else ""


def _empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("drop schema if exists public cascade")
        db.execute("drop extension if exists timescaledb cascade")
        db.execute("create schema public")


def _departments(epoch: datetime, seed: int) -> subprocess.Popen[str]:
    """Their process. It ends when our end of its standard input closes, which even kill -9 does."""
    words = [sys.executable, "-m", "collectors.departments.demo", "--epoch", epoch.isoformat(), "--seed", str(seed)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)


def _addresses(departments: subprocess.Popen[str]) -> dict[str, str]:
    assert departments.stdout is not None
    line = departments.stdout.readline()
    if not line:
        raise EngineError("the simulated departments did not start; see above")
    addresses: dict[str, str] = json.loads(line)
    return addresses


def _write_config(folder: Path, addresses: dict[str, str]) -> Path:
    text = (EXAMPLES / "demo.toml").read_text(encoding="utf-8").replace('"mappings/', f'"{EXAMPLES / "mappings"}/')
    for name, address in addresses.items():
        text = text.replace(f'"{{{name}}}"', f'"{address}"')
    path = folder / "ioc.toml"
    path.write_text(text, encoding="utf-8")
    with (folder / "units.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(UNIT_FIELDS)
        for unit in units():
            table.writerow([_cell(getattr(unit, name)) for name in UNIT_FIELDS])
    return path


def _cell(value: Any) -> str:
    return "" if value is None else " ".join(value) if isinstance(value, tuple) else str(value)


def _end_with_parent() -> None:
    """Stop, in order, when whoever started this process is gone."""
    parent = os.getppid()

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, daemon=True).start()
