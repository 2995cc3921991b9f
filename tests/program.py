"""The whole program in this process, on a free port: real database, real sockets, and a WebSocket client that applies what it hears."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from ioc.config import parse
from ioc.server.app import build, prepare
from ioc.server.center import Center
from ioc.server.direct import DirectSocket
from ioc.wire import PROTOCOL, TOPICS

MAPPINGS = Path(__file__).parent.parent / "examples" / "mappings"


@dataclass(slots=True)
class Program:
    port: int
    center: Center
    again: Callable[[], AbstractAsyncContextManager[Program]]  # one more server of the same configuration

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def get(self, path: str, **params: Any) -> Any:
        async with aiohttp.ClientSession() as http, http.get(self.url + path, params=params) as answer:
            return await answer.json()

    async def text(self, path: str) -> str:
        async with aiohttp.ClientSession() as http, http.get(self.url + path) as answer:
            return await answer.text()


@asynccontextmanager
async def program(raw: dict[str, Any], database_url: str, redis_url: str = "", folder: Path = MAPPINGS) -> AsyncIterator[Program]:
    """The server of a configuration; stopped, with everything it started, at the end of the block."""
    settings = {**raw, "database": {"url": database_url}} | ({"redis": {"url": redis_url}} if redis_url else {})
    app = build(prepare(parse(settings, folder=folder)))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, ws=DirectSocket, log_level="warning", lifespan="on", timeout_graceful_shutdown=2))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if task.done():
                task.result()
                raise AssertionError("the server ended while starting")
            await asyncio.sleep(0.01)
        yield Program(listener.getsockname()[1], app.state.center, lambda: program(raw, database_url, redis_url, folder))
    finally:
        server.should_exit = True
        await task
        listener.close()


@dataclass(slots=True)
class Screen:
    """What a wall knows: the values of every topic, and what it was told of the connection."""

    socket: ClientConnection
    topics: dict[str, dict[str, Any]] = field(default_factory=dict)
    heads: dict[str, tuple[str, int]] = field(default_factory=dict)
    updates: int = 0

    def apply(self, message: dict[str, Any]) -> None:
        if message["t"] not in ("snap", "delta"):
            return
        name, self.updates = message["n"], self.updates + 1
        if message["t"] == "snap":
            self.topics[name] = {}
        else:
            assert self.heads[name] == (message["ep"], message["prev"]), "a gap"
        self.topics[name] |= message["set"]
        for key in message.get("del", ()):
            self.topics[name].pop(key, None)
        self.heads[name] = (message["ep"], message["seq"])

    def value(self, key: str, topic: str = "overview") -> Any:
        return self.topics.get(topic, {}).get(key)

    def kpi(self, name: str) -> float | None:
        return (self.value(f"kpi.{name}") or {}).get("v")

    async def until(self, holds: Callable[[Screen], bool], within: float = 10.0) -> float:
        """Listen until something holds; returns how long it took. Fails with what was known when time ran out."""
        began = time.monotonic()
        while not holds(self):
            left = began + within - time.monotonic()
            assert left > 0, f"not within {within} s; knows {json.dumps(self.topics, ensure_ascii=False)[:3000]}"
            try:
                self.apply(json.loads(await asyncio.wait_for(self.socket.recv(), left)))
            except TimeoutError:
                continue
        return time.monotonic() - began


@asynccontextmanager
async def screen(port: int, *topics: str) -> AsyncIterator[Screen]:
    """A client following these topics (all, when none is named)."""
    async with connect(f"ws://127.0.0.1:{port}/live", max_size=2**24) as socket_:
        await socket_.send(json.dumps({"t": "hello", "proto": PROTOCOL, "ui": "test"}))
        await socket_.send(json.dumps({"t": "sub", "topics": [{"n": name} for name in topics or TOPICS]}))
        yield Screen(socket_)
