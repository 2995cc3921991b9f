"""A simulated department system that serves a list of records in a dialect: one-stop software, document management, and the like.

Started by `async with department.serving() as url`, in the demo, in tests, or alone by `ioc departments --start`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from aiohttp import web

from collectors.departments.desk import Desk
from collectors.departments.dialects import ONESTOP, Dialect
from collectors.departments.knobs import Fault
from collectors.departments.shelf import Shelf

__all__ = ["Department", "Fault"]


class Department(Desk):
    """One list of records, ordered by (last change, code), cut into pages."""

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
        """`page_size` is the longest page it gives, whatever is asked for."""
        super().__init__(clock=clock, token=token, password=password, drip=drip)
        self.dialect = dialect
        self.records = Shelf(dialect, records, clock())
        self._page_size = page_size

    def put(self, record: dict[str, Any]) -> None:
        """A new or changed record; the department stamps its last change itself."""
        self.records.put(record, self.clock() + self.knobs.ahead)

    def failed(self, code: str, message: str) -> Any:
        return self.dialect.failed(code, message)

    def routes(self) -> list[web.RouteDef]:
        return [web.get(self.dialect.path, self._list)]

    async def _list(self, request: web.Request) -> web.StreamResponse:
        return await self.respond(request, lambda repeat: self._answer(request, repeat=repeat))

    def _answer(self, request: web.Request, *, repeat: bool = False) -> Any:
        dialect, query = self.dialect, request.query
        token = query.get(dialect.next, "") if dialect.next else ""
        number = int(query.get(dialect.page, dialect.first_page)) if dialect.page else dialect.first_page
        piece = self.records.piece(
            since=query.get(dialect.since, ""),
            page=1 if repeat else number - dialect.first_page + 1,
            size=max(1, min(int(query.get(dialect.size, self._page_size)), self._page_size)),
            token="" if repeat else token,
            as_of=dialect.date(self.now),
            until=self.frozen_at,
            shown=self.knobs.disguised,
        )
        return dialect.envelope(piece)
