"""Processes a benchmark starts: their CPU time and memory as the kernel counts them, and a database that is gone afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[2]
TICK = os.sysconf("SC_CLK_TCK")


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """The addresses of the private services, started if need be; they stay as long as somebody uses them."""
    script = str(ROOT / "scripts" / "services")
    subprocess.run([script, "start", "--while", str(os.getpid())], check=True, timeout=300, stdout=sys.stderr)
    lines = subprocess.run([script, "urls"], check=True, capture_output=True, text=True, timeout=30).stdout.split()
    yield dict(line.split("=", 1) for line in lines)


@contextmanager
def database(url: str) -> Iterator[str]:
    """The address of a new, empty database; dropped at the end."""
    name = f"ioc_bench_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(f"create database {name}".encode())
        try:
            yield url.rsplit("/", 1)[0] + "/" + name
        finally:
            db.execute(f"drop database {name} with (force)".encode())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_mb(pid: int) -> float:
    return next(int(line.split()[1]) / 1024 for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))


@asynccontextmanager
async def running(*words: str, core: int | None = None, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python process of the project, on one core if wanted; its standard output is ours to read, and it is stopped at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE, limit=2**22
    )  # fmt: skip
    if core is not None and core in os.sched_getaffinity(0):
        os.sched_setaffinity(process.pid, {core})
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
