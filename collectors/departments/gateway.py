"""A simulated provincial gateway (LGSP): an OAuth 2 token for key and secret, a list of dossiers, a monthly statistic, a limit of calls.

Used by the demo, the tests, and alone by `ioc departments --start`. Records are in the shape MSyncDocument (domain.md 1.2); each is
stamped with its last change (`lastUpdate`), which is shown where `stamped` says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from collectors.dates import read_instant
from collectors.departments.desk import Desk
from collectors.departments.dialects import Dialect, Piece
from collectors.departments.shelf import Shelf

UNTIL = "toDate"
DIALECT = Dialect(
    name="gateway",
    path="/Document/ListDocument",
    code="docCode",
    updated="lastUpdate",
    written="%Y/%m/%d %H:%M:%S",
    envelope=lambda piece: {"data": piece.records, "total": piece.total, "pageIndex": piece.page, "asOf": piece.as_of},
    failed=lambda code, message: {"error_code": code, "message": message},
    page="pageIndex",
    size="pageSize",
    since="fromDate",
)


class Gateway(Desk):
    """The list at /Document/ListDocument by GET or POST, the statistic at POST /Statistic ({"year", "month"}), the token at /token.

    A token lives `lifetime` seconds by this system's clock. `wants`: headers without which a call has no right (403). `quota` calls in
    `per` seconds are answered, more get 429 with the seconds to wait; 0 for as many as one likes. `statistic` answers a year and a
    month with rows in the shape MStatistic.
    """

    def __init__(
        self,
        records: Iterable[Any],
        *,
        clock: Callable[[], datetime],
        key: str = "ioc",
        secret: str = "",
        lifetime: float = 3600.0,
        wants: Mapping[str, str] | None = None,
        quota: int = 0,
        per: float = 1.0,
        page_size: int = 1000,
        stamped: bool = True,
        statistic: Callable[[int, int], list[dict[str, Any]]] = lambda year, month: [],  # noqa: ARG005
        drip: float = 0.05,
    ) -> None:
        """Without `secret` no token is asked for. `page_size`: the longest page it gives, whatever is asked for."""
        super().__init__(clock=clock, password=secret, drip=drip)
        self.records = Shelf(DIALECT, records, clock())
        self._key, self._lifetime, self._wants = key, timedelta(seconds=lifetime), dict(wants or {})
        self._quota, self._per, self._page_size = quota, timedelta(seconds=per), page_size
        self._stamped, self._statistic = stamped, statistic
        self._granted: datetime | None = None
        self._calls: deque[datetime] = deque()

    def put(self, record: dict[str, Any]) -> None:
        """A new or changed dossier; the gateway stamps its last change itself."""
        self.records.put(record, self.clock() + self.knobs.ahead)

    def routes(self) -> list[web.RouteDef]:
        return [web.get(DIALECT.path, self._list), web.post(DIALECT.path, self._search), web.post("/Statistic", self._count)]

    async def _login(self, request: web.Request) -> web.StreamResponse:
        """POST /token, a form: grant_type, client_id, client_secret (RFC 6749, 4.4)."""
        self.logins += 1
        given = await request.post()
        if given.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if self.password and (given.get("client_id"), given.get("client_secret")) != (self._key, self.password):
            return web.json_response({"error": "invalid_client"}, status=401)
        self._granted = self.now
        life = self._lifetime.total_seconds()
        return web.json_response({"access_token": self.session(), "token_type": "Bearer", "expires_in": int(life)})

    async def _list(self, request: web.Request) -> web.StreamResponse:
        return await self._guarded(request, lambda repeat: DIALECT.envelope(self._piece(request.query, repeat)))

    async def _search(self, request: web.Request) -> web.StreamResponse:
        """The same list, asked for by a JSON body."""
        asked = await request.json()
        return await self._guarded(request, lambda repeat: DIALECT.envelope(self._piece(asked, repeat)))

    async def _count(self, request: web.Request) -> web.StreamResponse:
        try:
            asked = await request.json()
            year, month = int(asked["year"]), int(asked["month"])
        except (ValueError, KeyError, TypeError):
            return web.json_response(self.failed("400", "year and month are missing"), status=400)
        return await self._guarded(request, lambda _: {"data": self._statistic(year, month)})

    async def _guarded(self, request: web.Request, content: Callable[[bool], Any]) -> web.StreamResponse:
        """Rights first, then the limit of calls, then the answer."""
        if any(request.headers.get(name) != value for name, value in self._wants.items()):
            return web.json_response(self.failed("403", "this application has no right to this API"), status=403)
        if wait := self._over():
            return web.json_response(self.failed("429", "too many requests"), status=429, headers={"Retry-After": str(wait)})
        return await self.respond(request, content, authorised=lambda: self._token_holds(request))

    def _token_holds(self, request: web.Request) -> bool:
        if not self.password:
            return True
        young = self._granted is not None and self.now - self._granted < self._lifetime
        return young and request.headers.get("Authorization") == f"Bearer {self.token}"

    def _over(self) -> int:
        """The whole seconds until a call is welcome again; 0 for now, and this one counts."""
        if not self._quota:
            return 0
        now = self.clock()
        while self._calls and now - self._calls[0] >= self._per:
            self._calls.popleft()
        if len(self._calls) >= self._quota:
            return max(1, -((now - self._calls[0] - self._per) // timedelta(seconds=1)))
        self._calls.append(now)
        return 0

    def _piece(self, asked: Mapping[str, str], repeat: bool) -> Piece:
        until = read_instant(asked[UNTIL], DIALECT.zone) - timedelta(microseconds=1) if asked.get(UNTIL) else None
        ends = [at for at in (until, self.frozen_at) if at is not None]
        return self.records.piece(
            since=asked.get(DIALECT.since, ""),
            page=1 if repeat else int(asked.get(DIALECT.page, 1)),
            size=max(1, min(int(asked.get(DIALECT.size, self._page_size)), self._page_size)),
            token="",
            as_of=DIALECT.date(self.now),
            until=min(ends) if ends else None,
            shown=self._shown,
        )

    def _shown(self, record: Any) -> Any:
        if not self._stamped and isinstance(record, dict):
            record = {name: value for name, value in record.items() if name != DIALECT.updated}
        return self.knobs.disguised(record)
