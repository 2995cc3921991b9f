"""A simulated department system as a real HTTP server on 127.0.0.1: it serves any records in a dialect, and fails on demand.

Started by `async with department.serving() as url`, in the demo, in tests, or alone by `python -m collectors.departments`. It
keeps its own clock, given at construction. `fault` fails every request until it is taken away, `faults` one request each.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any

from aiohttp import web

from collectors.departments.dialects import ONESTOP, Dialect
from collectors.departments.shelf import Shelf


class Fault(StrEnum):
    """What can go wrong with one request."""

    DOWN = "down"  # the connection is closed without an answer
    ERROR = "error"  # 500
    BUSY = "busy"  # 429 with Retry-After
    DRIP = "drip"  # one byte at a time, for as long as the client waits
    CUT = "cut"  # the connection breaks in the middle of the body
    REPEAT = "repeat"  # the same page, or the same token, again and again
    INSIDE = "inside"  # status 200, an error code inside
    EXPIRED_INSIDE = "expired_inside"  # status 200, an error code that says the session is over
    BROKEN = "broken"  # JSON that ends too early
    TYPES = "types"  # JSON of another shape
    HTML = "html"  # a login page with status 200
    EXPIRED = "expired"  # the token is no longer accepted; a new login gives another
    FORBIDDEN = "forbidden"  # 403
    MOVED = "moved"  # 302 to a login page
    LARGE = "large"  # more than anybody wants


class Department:
    """One department system. `token`: what callers must show; `password`: what POST /token asks for before it gives one."""

    def __init__(
        self,
        records: Iterable[Any],
        dialect: Dialect = ONESTOP,
        *,
        clock: Callable[[], datetime],
        token: str = "",
        password: str = "",
        page_size: int = 5000,
        drip: float = 0.05,
    ) -> None:
        """`page_size` is the longest page it gives, whatever is asked for; `drip` the seconds between two bytes of Fault.DRIP."""
        self.dialect = dialect
        self.records = Shelf(dialect, records, clock())
        self.opened = asyncio.Event()  # while it is not set, callers wait for their answer
        self.opened.set()
        self.fault: Fault | None = None
        self.faults: deque[Fault | None] = deque()
        self.requests = 0
        self.logins = 0
        self.retry_after = "7"
        self._clock = clock
        self._token = token
        self._password = password
        self._page_size = page_size
        self._drip = drip

    def put(self, record: dict[str, Any]) -> None:
        """A new or changed record; the department stamps its last change itself."""
        self.records.put(record, self._clock())

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[str]:
        """Serve on 127.0.0.1; yields the address of the list. The port is free to choose (0) or given."""
        app = web.Application()
        app.router.add_get(self.dialect.path, self._list)
        app.router.add_post("/token", self._login)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", port)
            await site.start()
            host, chosen = runner.addresses[0][:2]
            yield f"http://{host}:{chosen}{self.dialect.path}"
        finally:
            await runner.cleanup()

    async def _login(self, request: web.Request) -> web.StreamResponse:
        self.logins += 1
        given = await request.post() if request.content_type == "application/x-www-form-urlencoded" else await request.json()
        if self._password not in (given.get("password"), given.get("client_secret")):
            return web.json_response(self.dialect.failed("15", "wrong user name or password"), status=401)
        self._token = f"session-{self.logins}"
        return web.json_response({"access_token": self._token, "error_code": 0})

    async def _list(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        await self.opened.wait()
        fault = self.faults.popleft() if self.faults else self.fault
        if fault is Fault.EXPIRED:
            self._token = f"expired-{self.requests}"
        if self._token and request.headers.get("Authorization") != f"Bearer {self._token}":
            return web.json_response(self.dialect.failed("401", "no valid session"), status=401)
        if fault not in (None, Fault.REPEAT, Fault.EXPIRED):
            return await self._fail(request, fault)
        try:
            return web.json_response(self._answer(request, repeat=fault is Fault.REPEAT))
        except ValueError as error:
            return web.json_response(self.dialect.failed("400", str(error)), status=400)

    def _answer(self, request: web.Request, *, repeat: bool = False) -> Any:
        dialect, query = self.dialect, request.query
        token = query.get(dialect.next, "") if dialect.next else ""
        number = int(query.get(dialect.page, dialect.first_page)) if dialect.page else dialect.first_page
        piece = self.records.piece(
            since=query.get(dialect.since, ""),
            page=1 if repeat else number - dialect.first_page + 1,
            size=max(1, min(int(query.get(dialect.size, self._page_size)), self._page_size)),
            token="" if repeat else token,
            as_of=dialect.date(self._clock()),
        )
        return dialect.envelope(piece)

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        """The answers that are none; each as a real server would give it."""
        failed = self.dialect.failed
        match fault:
            case Fault.DOWN:
                return await self._cut(request, b"", 0)
            case Fault.DRIP:
                return await self._drop_by_drop(request)
            case Fault.CUT:
                body = json.dumps(self._answer(request)).encode()
                return await self._cut(request, body[: len(body) // 2], len(body))
            case Fault.BROKEN:
                return web.Response(body=json.dumps(self._answer(request)).encode()[:-7], content_type="application/json")
            case Fault.TYPES:
                return web.json_response({"result": {"rows": 3}, "error_code": "0"})
            case Fault.HTML:
                return web.Response(text="<html><title>Đăng nhập</title>", content_type="text/html")
            case Fault.INSIDE:
                return web.json_response(failed("-3", "hệ thống đang bận"))
            case Fault.EXPIRED_INSIDE:
                return web.json_response(failed("401", "phiên làm việc đã hết hạn"))
            case Fault.LARGE:
                return web.Response(body=b"[" + b" " * 4_000_000 + b"]", content_type="application/json")
            case Fault.BUSY:
                return web.json_response(failed("429", "slow down"), status=429, headers={"Retry-After": self.retry_after})
            case Fault.MOVED:
                return web.Response(status=302, headers={"Location": "/login"})
            case Fault.FORBIDDEN:
                return web.json_response(failed("403", "no right"), status=403)
            case _:
                return web.json_response(failed("500", "internal"), status=500)

    async def _drop_by_drop(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for letter in json.dumps(self._answer(request)):
            await response.write(letter.encode())
            await asyncio.sleep(self._drip)
        return response

    async def _cut(self, request: web.Request, sent: bytes, promised: int) -> web.StreamResponse:
        """Send a part of what was promised, or nothing at all, and drop the connection."""
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(promised)})
        if promised:
            await response.prepare(request)
            await response.write(sent)
        if request.transport is not None:
            request.transport.abort() if not promised else request.transport.close()
        return response
