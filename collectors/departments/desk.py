"""What every simulated department server shares: a real HTTP server on 127.0.0.1 with a clock, a login, knobs and faults.

A kind of system is a subclass that adds its routes and answers through `respond`. `fault` fails every request until it is taken away,
`faults` one request each; `knobs` change the system (knobs.py). POST /knobs turns them from outside, GET /knobs
shows them.
"""

from __future__ import annotations

import asyncio
import json
import random
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web

from collectors.departments.knobs import Fault, KnobError, Knobs

Content = Callable[[bool], Any]  # whether to repeat what was answered before -> bytes, or a value that becomes JSON


class Desk(ABC):
    """One department system. `token`: what callers must show; `password`: what the login asks for before it gives one."""

    content_type = "application/json"

    def __init__(self, *, clock: Callable[[], datetime], token: str = "", password: str = "", drip: float = 0.05) -> None:
        """`drip`: the seconds between two bytes of Fault.DRIP."""
        self.opened = asyncio.Event()  # while it is not set, callers wait for their answer
        self.opened.set()
        self.knobs = Knobs()
        self.fault: Fault | None = None
        self.faults: deque[Fault | None] = deque()
        self.requests = 0
        self.logins = 0
        self.retry_after = "7"
        self.clock = clock
        self.frozen_at: datetime | None = None  # while knob `yesterday` is turned
        self._token = token
        self._password = password
        self._drip = drip
        self._draw = random.Random(766).random

    @property
    def now(self) -> datetime:
        """The time by this system's own clock."""
        return (self.frozen_at or self.clock()) + self.knobs.ahead

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """Where it answers; the first is the address `serving` yields."""

    def failed(self, code: str, message: str) -> Any:
        """How it says that something is wrong."""
        return {"error_code": code, "message": message}

    def turn(self, changes: Mapping[str, Any]) -> None:
        """Turn knobs. Raises KnobError."""
        self.knobs = self.knobs.turned(changes)
        self.frozen_at = (self.frozen_at or self.clock()) if self.knobs.yesterday else None

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[str]:
        """Serve on 127.0.0.1; yields the address of its first route. The port is free to choose (0) or given."""
        routes = self.routes()
        app = web.Application(client_max_size=64_000_000)
        app.router.add_routes([*routes, web.post("/token", self._login), web.get("/knobs", self._turned), web.post("/knobs", self._turn)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", port)
            await site.start()
            host, chosen = runner.addresses[0][:2]
            yield f"http://{host}:{chosen}{routes[0].path}"
        finally:
            await runner.cleanup()

    async def respond(self, request: web.Request, content: Content, *, authorised: Callable[[], bool] | None = None) -> web.StreamResponse:
        """The answer to one request, or what goes wrong with it. `authorised` replaces the bearer token where a system has another way."""
        self.requests += 1
        await self.opened.wait()
        fault = self.faults.popleft() if self.faults else self.fault
        await self._slow()
        if fault is None and self.knobs.errors and self._draw() < self.knobs.errors:
            fault = Fault.ERROR
        if fault is Fault.EXPIRED:
            self._token = f"expired-{self.requests}"
        if not (authorised or (lambda: self._bearer(request)))():
            return self.unauthorised()
        if fault not in (None, Fault.REPEAT, Fault.EXPIRED):
            return await self._fail(request, fault, content)
        try:
            return web.Response(body=self._body(content(fault is Fault.REPEAT)), content_type=self.content_type)
        except ValueError as error:
            return web.json_response(self.failed("400", str(error)), status=400)

    def unauthorised(self) -> web.Response:
        return web.json_response(self.failed("401", "no valid session"), status=401)

    def session(self) -> str:
        """A new token, which replaces the one before."""
        self._token = f"session-{self.logins}"
        return self._token

    @property
    def token(self) -> str:
        return self._token

    @property
    def password(self) -> str:
        return self._password

    def _bearer(self, request: web.Request) -> bool:
        return not self._token or request.headers.get("Authorization") == f"Bearer {self._token}"

    async def _slow(self) -> None:
        if self.knobs.delay:
            await asyncio.sleep(self.knobs.delay)
        while self.knobs.silent:  # noqa: ASYNC110  the knob may be turned back from any side
            await asyncio.sleep(0.1)

    async def _turned(self, _request: web.Request) -> web.Response:
        return web.json_response(msgspec.to_builtins(self.knobs))

    async def _turn(self, request: web.Request) -> web.Response:
        try:
            self.turn(await request.json())
        except KnobError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"turned": True})

    async def _login(self, request: web.Request) -> web.StreamResponse:
        self.logins += 1
        given = await request.post() if request.content_type == "application/x-www-form-urlencoded" else await request.json()
        if self._password not in (given.get("password"), given.get("client_secret")):
            return web.json_response(self.failed("15", "wrong user name or password"), status=401)
        return web.json_response({"access_token": self.session(), "error_code": 0, "expires_in": 3600})

    @staticmethod
    def _body(content: Any) -> bytes:
        return content if isinstance(content, bytes) else json.dumps(content).encode()

    async def _fail(self, request: web.Request, fault: Fault, content: Content) -> web.StreamResponse:
        """The answers that are none; each as a real server would give it."""
        failed, kind = self.failed, self.content_type
        match fault:
            case Fault.DOWN:
                return await self._cut(request, b"", 0)
            case Fault.DRIP:
                return await self._drop_by_drop(request, self._body(content(False)))
            case Fault.CUT:
                body = self._body(content(False))
                return await self._cut(request, body[: len(body) // 2], len(body))
            case Fault.BROKEN:
                return web.Response(body=self._body(content(False))[:-7], content_type=kind)
            case Fault.TYPES:
                return web.json_response({"result": {"rows": 3}, "error_code": "0"})
            case Fault.HTML:
                return web.Response(text="<html><title>Đăng nhập</title>", content_type="text/html")
            case Fault.INSIDE:
                return web.json_response(failed("-3", "hệ thống đang bận"))
            case Fault.EXPIRED_INSIDE:
                return web.json_response(failed("401", "phiên làm việc đã hết hạn"))
            case Fault.LARGE:
                return web.Response(body=b"[" + b" " * 4_000_000 + b"]", content_type=kind)
            case Fault.BUSY:
                return web.json_response(failed("429", "slow down"), status=429, headers={"Retry-After": self.retry_after})
            case Fault.MOVED:
                return web.Response(status=302, headers={"Location": "/login"})
            case Fault.FORBIDDEN:
                return web.json_response(failed("403", "no right"), status=403)
            case _:
                return web.json_response(failed("500", "internal"), status=500)

    async def _drop_by_drop(self, request: web.Request, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": self.content_type})
        await response.prepare(request)
        for n in range(len(body)):
            await response.write(body[n : n + 1])
            await asyncio.sleep(self._drip)
        return response

    async def _cut(self, request: web.Request, sent: bytes, promised: int) -> web.StreamResponse:
        """Send a part of what was promised, or nothing at all, and drop the connection."""
        response = web.StreamResponse(headers={"Content-Type": self.content_type, "Content-Length": str(promised)})
        if promised:
            await response.prepare(request)
            await response.write(sent)
        if request.transport is not None:
            request.transport.abort() if not promised else request.transport.close()
        return response
