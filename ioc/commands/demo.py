"""`ioc demo`: a province with nobody's data in it. Its departments run in a process of their own; everything else is the real server.

It runs by examples/demo.toml, completed with addresses and written to IOC_HOME/demo. The province begins at the first start and is the
same one at every later start; after a fortnight without one it begins anew. Its secrets are made at each start and live in the
environment of its processes only.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from collectors.departments.province_former import former
from collectors.departments.province_names import is_ward, units
from collectors.departments.systems import DATABASE_VARIABLE, EDUCATION, SYSTEMS, secret_variable
from ioc.commands.engines import DEMO, EngineError, Engines, create, engines
from ioc.commands.serve import listener, logging_to, port_of, run
from ioc.config import ConfigError, load
from ioc.server.app import build, prepare
from ioc.server.jobs import utcnow
from ioc.unit_files import written

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
EDUCATION_DATABASE = "ioc_demo_gddt"  # of the department that keeps its own
ADDRESSES = "addresses.json"
DATABASE_ID = "select system_identifier::text || '/' || oid from pg_control_system(), pg_database where datname = current_database()"
SHEETS = "sheets"  # the folder sheets are dropped into
TOO_LONG_AGO = timedelta(days=14)  # living through more takes longer than beginning anew


def start(*, exit_with_parent: bool, seed: int, days: int) -> None:
    if exit_with_parent:
        _end_with_parent()
    if not EXAMPLES.is_dir():
        raise EngineError("the demo runs from a checkout of the project: its examples are not part of the installed package")
    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    wire = _listener(folder)
    used = engines(DEMO)
    epoch = _epoch(folder, used, seed, days)
    _secrets(used)
    port = wire.getsockname()[1]
    print("Mở các hệ thống sở, ngành mô phỏng… / Opening the simulated department systems…", flush=True)
    with _departments(epoch, seed, days, folder, port) as departments:
        config = load(write_config(folder, _addresses(departments, folder)))
        logging_to(config)
        os.environ["IOC_DATABASE_URL"], os.environ["IOC_REDIS_URL"] = used.database_url, used.redis_url
        run(build(prepare(config)), wire, ready=lambda: _say(port))


def home() -> Path:
    """Where the demo keeps what it needs from start to start."""
    return Path(os.environ.get("IOC_HOME") or ROOT / ".ioc") / "demo"


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


def _epoch(folder: Path, used: Engines, seed: int, days: int) -> datetime:
    """When this demo's province began. Anew, with an empty database, when it never did, another was wanted, or too long ago."""
    begun, now = folder / "begun.json", utcnow()
    _only_ours(used.database_url)
    if begun.is_file():
        said = json.loads(begun.read_text(encoding="utf-8"))
        epoch = datetime.fromisoformat(said["epoch"])
        same = (said["seed"], said.get("days")) == (seed, days)
        if same and timedelta(0) <= now - epoch < TOO_LONG_AGO and said["database"] == _database_id(used.database_url):
            return epoch
    print(f"Tạo tỉnh mẫu với {days} ngày lịch sử… / Creating the demo province with {days} days of history…", flush=True)
    _empty(used.database_url)
    shutil.rmtree(folder / SHEETS, ignore_errors=True)
    said = {"epoch": now.isoformat(), "seed": seed, "days": days, "database": _database_id(used.database_url)}
    begun.write_text(json.dumps(said), encoding="utf-8")
    return now


def _only_ours(url: str) -> None:
    """The demo never mixes its invented dossiers with somebody's."""
    with psycopg.connect(url, autocommit=True) as db:
        if db.execute("select to_regclass('sources')").fetchone() == (None,):
            return
        strangers = {name for (name,) in db.execute("select name from sources").fetchall()} - SYSTEMS.keys()
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


def _secrets(used: Engines) -> None:
    """A new secret for each system that asks for one, and the database of the one that keeps its own, into the environment."""
    for system in SYSTEMS.values():
        if system.secret:
            os.environ[secret_variable(system.name)] = secrets.token_urlsafe(24)
    try:
        create(used.database_url, EDUCATION_DATABASE)
    except psycopg.errors.InsufficientPrivilege:
        raise EngineError(
            "the demo makes a database and a role for one of its departments, which this user may not; allow it (CREATEDB, CREATEROLE), "
            "or leave IOC_DATABASE_URL out"
        ) from None
    admin = make_conninfo(used.database_url, dbname=EDUCATION_DATABASE)
    os.environ[DATABASE_VARIABLE] = admin
    os.environ["IOC_DEMO_EDUCATION_URL"] = EDUCATION.address(admin, os.environ[secret_variable("education")])


def _departments(epoch: datetime, seed: int, days: int, folder: Path, port: int) -> subprocess.Popen[str]:
    """Their process. It ends when our end of its standard input closes, which even kill -9 does."""
    words = [sys.executable, "-m", "collectors.departments.demo", "--epoch", epoch.isoformat(), "--seed", str(seed), "--days", str(days)]
    words += ["--folder", str(folder / SHEETS), "--pushed-to", f"http://127.0.0.1:{port}/api/v1/push/kiosk"]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)


def _addresses(departments: subprocess.Popen[str], folder: Path) -> dict[str, str]:
    """Where they answer, also written down for `ioc departments --turn`."""
    assert departments.stdout is not None
    line = departments.stdout.readline()
    if not line:
        raise EngineError("the simulated departments did not start; see above")
    (folder / ADDRESSES).write_text(line, encoding="utf-8")
    addresses: dict[str, str] = json.loads(line)
    return addresses


def write_config(folder: Path, addresses: dict[str, str]) -> Path:
    """examples/demo.toml with what stands in braces filled in, and the unit catalogue beside it."""
    communes = [unit.code for unit in units() if unit.row is not None and not is_ward(unit)]
    words = addresses | {f"{name}.base": address.rsplit("/", address.count("/") - 2)[0] for name, address in addresses.items()}
    text = (EXAMPLES / "demo.toml").read_text(encoding="utf-8").replace('"mappings/', f'"{EXAMPLES / "mappings"}/')
    text = text.replace('"{communes}"', ", ".join(f'"{code}"' for code in communes)).replace("{folder}", str(folder / SHEETS))
    text = re.sub(r"\{([a-z0-9]+(?:\.base)?)\}", lambda found: words.get(found[1], found[0]), text)
    path = folder / "ioc.toml"
    path.write_text(text, encoding="utf-8")
    (folder / "units.csv").write_text(written((*former(), *units())), encoding="utf-8")
    return path


def _end_with_parent() -> None:
    """Stop, in order, when whoever started this process is gone."""
    parent = os.getppid()

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, daemon=True).start()
