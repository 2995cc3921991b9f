"""A scripted server for the browser tests: the built screens under their real policy, and a /live that does what a test says.

It speaks the protocol of ioc/wire.py over a real socket and keeps real topics, so that losing, doubling or delaying a message is a
choice of the test and not of chance. `now` is the server's clock; only tests move it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from .fixtures.province import NOW, Topics

DIST = Path(__file__).resolve().parents[2] / "web" / "dist"
POLICY = "default-src 'self'; style-src 'self'; img-src 'self' data:"
STATIC = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


@dataclass
class Content:
    """One topic: its values, and the seq at which each key last changed or left."""

    epoch: str = "k1"
    seq: int = 1
    values: dict[str, Any] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)

    def write(self, values: dict[str, Any], gone: Iterable[str] = ()) -> None:
        self.seq += 1
        self.values |= values
        for key in gone:
            self.values.pop(key, None)
        self.changed |= dict.fromkeys([*values, *gone], self.seq)

    def update(self, name: str, since: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """What brings a screen from `since` to now: a delta, a snap, or nothing."""
        head = {"n": name, "ep": self.epoch, "seq": self.seq}
        if since is None or since["ep"] != self.epoch or since["seq"] > self.seq:
            return {"t": "snap", **head, "set": self.values}
        if since["seq"] == self.seq:
            return None
        keys = [key for key, seq in self.changed.items() if seq > since["seq"]]
        kept = {key: self.values[key] for key in keys if key in self.values}
        return {"t": "delta", **head, "prev": since["seq"], "set": kept, "del": [key for key in keys if key not in self.values]}


class ScriptedServer:
    """`now`, `ui`, `refuse` (a close code instead of a welcome) and `welcoming` are the test's to set."""

    def __init__(self) -> None:
        self.now = NOW
        self.ui: str = json.loads((DIST / "build.json").read_text())["ui"]
        self.refuse: int | None = None
        self.welcoming = True
        self.topics = {name: Content() for name in ("overview", "sources", "alerts", "ticker")}
        self.sockets: list[web.WebSocketResponse] = []
        self.heard: list[dict[str, Any]] = []
        self.sent = 0
        self.pages = 0
        self.url = ""

    def fill(self, topics: Topics) -> None:
        """Replace all content, as a server that starts anew with these values."""
        for name, values in topics.items():
            self.topics[name] = Content(values=dict(values))

    # what a test does to a connected screen ------------------------------------------------------

    async def send(self, message: dict[str, Any] | str) -> None:
        """To every connected screen; a string goes out as it is."""
        for socket in [s for s in self.sockets if not s.closed]:
            await socket.send_str(message if isinstance(message, str) else json.dumps(message))
            self.sent += 1

    async def push(self, topic: str, values: dict[str, Any], gone: Iterable[str] = ()) -> dict[str, Any]:
        """Change a topic and tell every screen; returns the delta."""
        since = self.head(topic)
        self.topics[topic].write(values, tuple(gone))
        delta = self.topics[topic].update(topic, since)
        assert delta is not None
        await self.send(delta)
        return delta

    def lose(self, topic: str, values: dict[str, Any], gone: Iterable[str] = ()) -> None:
        """Change a topic and tell nobody."""
        self.topics[topic].write(values, tuple(gone))

    async def beat(self) -> None:
        await self.send({"t": "hb", "now": self.now, "heads": {name: content.seq for name, content in self.topics.items()}})

    async def cut(self, code: int = 1006) -> None:
        """End every connection: 1006 without a word, others with that code."""
        for socket in self.sockets:
            if code == 1006 and socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()
            elif not socket.closed:
                await socket.close(code=code)
        self.sockets.clear()

    def head(self, topic: str) -> dict[str, Any]:
        return {"ep": self.topics[topic].epoch, "seq": self.topics[topic].seq}

    def subscriptions(self, topic: str) -> list[dict[str, Any]]:
        """Every `sub` so far that names this topic, as the entries screens sent."""
        return [wanted for message in self.heard if message["t"] == "sub" for wanted in message["topics"] if wanted["n"] == topic]

    # what it answers -----------------------------------------------------------------------------

    async def wall(self, request: web.Request) -> web.Response:
        self.pages += 1
        return web.Response(body=(DIST / "wall.html").read_bytes(), content_type="text/html", headers=self._headers())

    async def asset(self, request: web.Request) -> web.Response:
        path = (DIST / "assets" / request.match_info["name"]).resolve()
        if path.parent != DIST / "assets" or not path.is_file():
            raise web.HTTPNotFound
        return web.Response(body=path.read_bytes(), content_type=STATIC[path.suffix], headers=self._headers())

    async def live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if self.refuse is not None:
            await socket.close(code=self.refuse)
            return socket
        self.sockets.append(socket)
        async for frame in socket:
            if frame.type == WSMsgType.TEXT:
                await self._answer(socket, json.loads(frame.data))
        return socket

    async def _answer(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        self.heard.append(message)
        answers: list[dict[str, Any] | None] = []
        if message["t"] == "hello" and self.welcoming:
            head = {"now": self.now, "proto": 1, "srv": "0.1.0", "ui": self.ui, "hb": 10, "dead": 25}
            answers = [{"t": "welcome", **head, "topics": list(self.topics)}]
        elif message["t"] == "sub":
            answers = [self.topics[wanted["n"]].update(wanted["n"], wanted.get("since")) for wanted in message["topics"]]
        for answer in answers:
            if answer is not None and not socket.closed:
                await socket.send_str(json.dumps(answer))
                self.sent += 1

    @staticmethod
    def _headers() -> dict[str, str]:
        return {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/wall", self.wall), web.get("/assets/{name}", self.asset), web.get("/live", self.live)])
        return app
