"""`ioc departments`: the simulated department systems listed, one of them run alone, and the knobs of a running demo turned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from collectors.departments.knobs import KnobError, Knobs
from collectors.departments.province_cases import SEED
from collectors.departments.systems import DATABASE_VARIABLE, SYSTEMS, secret_variable
from ioc.commands.demo import ADDRESSES, EDUCATION_DATABASE, ROOT, home
from ioc.commands.engines import EngineError, engines
from ioc.config import ConfigError
from ioc.server.jobs import utcnow

PATIENCE = 5.0  # seconds a running demo may take to answer
MEANINGS = {
    "delay": ("giây chờ trước mỗi câu trả lời", "seconds before each answer"),
    "errors": ("tỷ lệ trả lời lỗi 500, từ 0 đến 1", "share of answers that are a 500, 0 to 1"),
    "silent": ("nhận kết nối mà không trả lời: true, false", "takes connections and answers nothing: true, false"),
    "yesterday": ("vẫn trả lời bằng số liệu lúc vặn: true, false", "answers with what it knew when turned: true, false"),
    "renamed": ('đổi mã của trường: {"TrangThaiHoSo":{"4":"44"}}', "another code in a field, as JSON"),
    "dropped": ("trường biến mất, cách nhau bằng dấu phẩy", "fields that leave its records, by commas"),
    "added": ('trường mới: {"Moi":1}', "new fields, as JSON"),
    "skew": ("đồng hồ chạy trước bao nhiêu giây", "how many seconds its clock is ahead"),
}
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def listing(*, as_json: bool) -> None:
    """Every system there is, and where the running demo has it."""
    running = _addresses(required=False)
    if as_json:
        rows = [{"name": s.name, "kind": s.kind, "title": s.title, "address": running.get(s.name, "")} for s in SYSTEMS.values()]
        print(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("Tên / Name", "Loại nguồn / Kind", "Hệ thống / System", "Đang chạy / Running", box=None, pad_edge=False)
    for system in SYSTEMS.values():
        table.add_row(system.name, system.kind, system.title, running.get(system.name, "—"))
    out.print(table)


def start(name: str, port: int) -> None:
    """Run one system with the demo province's records until Ctrl-C; it prints its address. Secrets, where given, by environment."""
    _known(name)
    words = [sys.executable, "-m", "collectors.departments.demo", "--only", name, "--port", str(port)]
    words += ["--epoch", utcnow().isoformat(), "--seed", str(SEED), "--folder", str(home() / "alone")]
    if name == "education" and not os.environ.get(DATABASE_VARIABLE):
        os.environ[DATABASE_VARIABLE] = engines(EDUCATION_DATABASE).database_url
        os.environ.setdefault(secret_variable(name), "ioc")
    with subprocess.Popen(words, stdin=subprocess.PIPE, cwd=ROOT) as process:
        try:
            process.wait()
        except KeyboardInterrupt:
            process.terminate()


def turn(name: str, turns: Iterable[str]) -> None:
    """Turn knobs of one system of the running demo: delay=3 silent=true …"""
    _known(name)
    changes = dict(map(_turned, turns))
    try:
        Knobs().turned(changes)
    except KnobError as error:
        raise ConfigError([str(error)]) from None
    _ask(name, changes)
    knobs(name)


def knobs(name: str = "") -> None:
    """What can be turned, and how a system of the running demo is turned now."""
    now: dict[str, Any] = _ask(_known(name)) if name else {}
    table = Table("Núm / Knob", "Nghĩa / Meaning", *(["Đang vặn / Now"] if name else []), box=None, pad_edge=False)
    for each in fields(Knobs):
        vi, en = MEANINGS[each.name]
        table.add_row(each.name, f"{escape(vi)} / {en}", *([escape(json.dumps(now[each.name], ensure_ascii=False))] if name else []))
    out.print(table)


def _turned(text: str) -> tuple[str, Any]:
    """knob=value: JSON where it is such, a list where the knob holds one, else text."""
    name, sign, value = text.partition("=")
    if not sign:
        raise ConfigError([f"{text!r}: write knob=value, as in delay=3; `ioc departments --knobs` lists them"])
    if name == "dropped" and not value.startswith("["):
        return name, [each for each in value.split(",") if each]
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _known(name: str) -> str:
    if name not in SYSTEMS:
        raise ConfigError([f"no simulated system is called {name!r}; known: {', '.join(SYSTEMS)}"])
    return name


def _addresses(*, required: bool = True) -> dict[str, str]:
    path: Path = home() / ADDRESSES
    try:
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        if required:
            raise EngineError(f"no demo has run here ({path} is not there); start one with `ioc demo`") from None
        return {}
    return found


def _ask(name: str, changes: dict[str, Any] | None = None) -> Any:
    """What the system's knobs say, after they were turned where `changes` are given."""
    at = urlsplit(_addresses()[name])
    body = None if changes is None else json.dumps(changes).encode()
    request = urllib.request.Request(f"http://{at.netloc}/knobs", data=body, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise ConfigError([f"{name} does not turn so: {error.read().decode(errors='replace')[:200]}"]) from None
    except OSError as error:
        raise EngineError(f"the demo does not run ({error}); start it with `ioc demo`") from None
