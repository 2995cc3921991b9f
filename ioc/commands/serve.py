"""`ioc serve` and `ioc check`: one configuration file, the whole server or only its errors."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI

from ioc.config import Config, ConfigError, load
from ioc.server.app import build, prepare
from ioc.server.direct import DirectSocket


def check(path: Path) -> None:
    """Print that all is well, or raise ConfigError with every problem."""
    plan = prepare(load(path))
    print(f"{path}: in order: {len(plan.sources)} sources, {len(plan.rules)} rules, {len(plan.units)} units")


def serve(path: Path) -> None:
    config = load(path)
    logging_to(config)
    plan = prepare(config)
    if not plan.database_url:
        raise ConfigError(["database.url: missing; add it, or set IOC_DATABASE_URL"])
    run(build(plan), listener(config.server.host, port_of(config.server.port)))


def port_of(configured: int) -> int:
    """IOC_PORT wins over the configuration."""
    given = os.environ.get("IOC_PORT", "")
    if not given:
        return configured
    if not given.isdecimal() or int(given) > 65535:
        raise ConfigError([f"IOC_PORT = {given!r}: not a port; use a number from 0 to 65535 (0: any free one)"])
    return int(given)


def listener(host: str, port: int) -> socket.socket:
    """The bound socket. Raises ConfigError when the port is taken, which is known at once and not after the start."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=4096)
    except OSError as error:
        raise ConfigError([f"port {port} on {host}: {error.strerror}; stop what uses it, or choose another with IOC_PORT"]) from None


class _Server(uvicorn.Server):
    """Says when it can be looked at."""

    ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()


def run(app: FastAPI, wire: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGINT or SIGTERM. Screens are told 1012 and come back by themselves."""
    config = uvicorn.Config(
        app, ws=DirectSocket, loop="uvloop", log_config=None, access_log=False, ws_max_size=16384, timeout_graceful_shutdown=5,
        server_header=False,
    )  # fmt: skip
    server = _Server(config)
    server.ready = ready
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn stops in order, then gives us the signal again
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[wire])


def logging_to(config: Config) -> None:
    """One line a happening, with fields, on standard error. Tracebacks are plain: local variables would show what records hold."""
    as_json = config.server.log == "json"
    stamp = structlog.processors.TimeStamper(fmt="iso" if as_json else "%H:%M:%S", utc=as_json)
    last: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[structlog.processors.add_log_level, stamp, *last], logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a poll that outlasts its interval is no news while catching up
