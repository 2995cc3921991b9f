"""A simulated adapter of the national public service portal: login, session in the body, services by name; and a province's relay of it.

Used by the demo, the tests, and alone by `ioc departments --start`. Records are in the shape HoSoDongBoDVC (domain.md 1.1), with the
progress rows under `TienDo`; each is stamped with its last change (`CapNhat`), which is shown where `stamped` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from collectors.dates import read_instant
from collectors.departments.desk import Desk
from collectors.departments.dialects import ONESTOP, Piece
from collectors.departments.shelf import Shelf

DIALECT = replace(ONESTOP, name="portal", path="/mapi/g", page="trang", size="sobanghi", since="tungay")
LOGIN, RELAY = "/mapi/login", "/SynsTTHCC/DongBoHoSoMC"
UNTIL, CODES, STEPS = "denngay", "mahoso", "TienDo"
LIST_SERVICE, PROGRESS_SERVICE = "DongBoHoSoMC", "LayTienDoHoSoMC"


class Portal(Desk):
    """The adapter at /mapi/g, the relay at /SynsTTHCC/DongBoHoSoMC.

    Without `password` no session is asked for. A session is good for `calls` calls and `lifetime` seconds by this system's clock, 0 for
    as long as one likes. `apart`: progress rows are left out of the dossiers and answered by a service of their own, for at most ten
    codes at once.
    """

    def __init__(
        self,
        records: Iterable[Any],
        *,
        clock: Callable[[], datetime],
        username: str = "ioc",
        password: str = "",
        dstcode: str = "",
        token: str = "",
        calls: int = 0,
        lifetime: float = 0.0,
        page_size: int = 1000,
        stamped: bool = True,
        apart: bool = False,
        drip: float = 0.05,
    ) -> None:
        """`token`: what the relay wants as a bearer token. `page_size`: the longest page it gives, whatever is asked for."""
        super().__init__(clock=clock, password=password, drip=drip)
        self.records = Shelf(DIALECT, records, clock())
        self.used = 0
        self._username, self._dstcode, self._relay_token = username, dstcode, token
        self._calls, self._lifetime, self._page_size = calls, lifetime, page_size
        self._stamped, self._apart = stamped, apart
        self._since: datetime | None = None

    def put(self, record: dict[str, Any]) -> None:
        """A new or changed dossier; the portal stamps its last change itself."""
        self.records.put(record, self.clock() + self.knobs.ahead)

    def routes(self) -> list[web.RouteDef]:
        return [web.post(DIALECT.path, self._call), web.post(LOGIN, self._enter), web.get(RELAY, self._relay)]

    def unauthorised(self) -> web.Response:
        return web.json_response(self.failed("-1", "Phiên làm việc không hợp lệ hoặc đã hết hạn"))

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        """The login: {"username", "password"} and the header dstcode."""
        self.logins += 1
        given = await request.json()
        known = not self.password or (given.get("username"), given.get("password")) == (self._username, self.password)
        if not (known and self._addressed(request)):
            return web.json_response(self.failed("15", "Tên đăng nhập hoặc mật khẩu không đúng"))
        self.used, self._since = 0, self.now
        return web.json_response({"session": self.session(), "error_code": 0})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
        except ValueError:
            body = {}
        if not self._addressed(request):
            return web.json_response(self.failed("3", "dstcode không đúng"))
        return await self.respond(request, lambda repeat: self._serve(body, repeat), authorised=lambda: self._session_holds(body))

    async def _relay(self, request: web.Request) -> web.StreamResponse:
        """The dossiers as a bare array, everything in the query; without a valid token a plain 401."""
        if self._relay_token and request.headers.get("Authorization") != f"Bearer {self._relay_token}":
            return web.json_response(self.failed("401", "token"), status=401)
        return await self.respond(request, lambda repeat: self._piece(request.query, repeat).records, authorised=lambda: True)

    def _addressed(self, request: web.Request) -> bool:
        return not self._dstcode or request.headers.get("dstcode") == self._dstcode

    def _session_holds(self, body: Mapping[str, Any]) -> bool:
        if not self.password:
            return True
        self.used += 1
        young = not self._lifetime or (self._since is not None and self.now - self._since < timedelta(seconds=self._lifetime))
        return bool(self.token) and body.get("session") == self.token and young and not (self._calls and self.used > self._calls)

    def _serve(self, body: Mapping[str, Any], repeat: bool) -> Any:
        """What a service answers; error codes are strings, as the real ones."""
        if body.get("service") == LIST_SERVICE:
            piece = self._piece(body, repeat)
            return {"error_code": "0", "result": piece.records, "total": piece.total, "ThoiDiem": piece.as_of}
        if body.get("service") == PROGRESS_SERVICE:
            codes = body.get(CODES)
            if not isinstance(codes, list) or len(codes) > 10:
                return self.failed("3", "mahoso: tối đa 10 mã hồ sơ")
            found = (self.records.get(str(code)) for code in codes)
            return {"error_code": "0", "result": [row for record in found if record for row in record.get(STEPS, ())]}
        return self.failed("3", "Không có dịch vụ này")

    def _piece(self, asked: Mapping[str, Any], repeat: bool) -> Piece:
        until = read_instant(str(asked[UNTIL]), DIALECT.zone) - timedelta(microseconds=1) if asked.get(UNTIL) else None
        ends = [at for at in (until, self.frozen_at) if at is not None]
        return self.records.piece(
            since=str(asked.get(DIALECT.since, "")),
            page=1 if repeat else int(asked.get(DIALECT.page, 1)),
            size=max(1, min(int(asked.get(DIALECT.size, self._page_size)), self._page_size)),
            token="",
            as_of=DIALECT.date(self.now),
            until=min(ends) if ends else None,
            shown=self._shown,
        )

    def _shown(self, record: Any) -> Any:
        hidden = {name for name, hide in ((DIALECT.updated, not self._stamped), (STEPS, self._apart)) if hide}
        if hidden and isinstance(record, dict):
            record = {name: value for name, value in record.items() if name not in hidden}
        return self.knobs.disguised(record)
