"""A department with software of its own: rows in its own database, which we read there. A desk of its own lists them and takes the knobs.

Started like every simulated system; while it serves there is the view, and changes reach it within half a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from collectors.departments.cabinet import Cabinet, cabinet, reading_url
from collectors.departments.desk import Desk
from collectors.departments.knobs import Fault, Knobs

WRITTEN_EVERY = 0.5  # seconds
TURNED = ("delay", "silent", "yesterday", "renamed", "dropped", "added")  # the knobs a view can follow


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What a department's database is called and holds. `columns`: name -> SQL type."""

    schema: str
    view: str
    role: str
    columns: Mapping[str, str]
    key: str
    changed: str

    def address(self, admin_url: str, password: str) -> str:
        """Where the view is read."""
        return reading_url(admin_url, self.role, password)


class Bureau(Desk):
    """The department. `admin_url`: a database it may make its schema and its reading role in."""

    def __init__(
        self, rows: Iterable[Mapping[str, Any]], office: Office, *, admin_url: str, password: str, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(clock=clock, password=password)
        self._office, self._admin_url = office, admin_url
        self._waiting, self._writing = list(rows), list[Mapping[str, Any]]()
        self._applied: tuple[Knobs, Fault | None] = self.knobs, None

    def put(self, record: Mapping[str, Any]) -> None:
        """A new or changed row; the department stamps its last change itself."""
        self._waiting.append({**record, self._office.changed: self.clock()})

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/so", self._counted)]

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[str]:
        office = self._office
        opened = cabinet(
            self._admin_url, office.columns, key=office.key, changed=office.changed, password=self.password, schema=office.schema,
            view=office.view, role=office.role,
        )  # fmt: skip
        async with opened as it, super().serving(port) as url:
            await self._write(it)
            keeping = asyncio.create_task(self._keep(it))
            try:
                yield url
            finally:
                keeping.cancel()
                with suppress(asyncio.CancelledError):
                    await keeping

    async def written(self) -> None:
        """Wait until everything put and turned so far is in the database."""
        while self._waiting or self._writing or self._applied != (self.knobs, self.fault):  # noqa: ASYNC110  set from several sides
            await asyncio.sleep(0.01)

    async def _keep(self, it: Cabinet) -> None:
        """Bring what changed into the database, the knobs and a fault too: while there is one nobody may read."""
        while True:
            await asyncio.sleep(WRITTEN_EVERY)
            await self._write(it)
            wanted = self.knobs, self.fault
            if self._applied != wanted:
                await it.turn({name: getattr(wanted[0], name) for name in TURNED}, self.clock())
                if wanted[1] is not None:
                    await it.revoke()
                self._applied = wanted

    async def _write(self, it: Cabinet) -> None:
        self._writing, self._waiting = self._waiting, []
        if self._writing:
            await it.put(self._writing)
        self._writing = []

    async def _counted(self, request: web.Request) -> web.StreamResponse:
        return await self.respond(request, lambda _repeat: {"coQuan": self._office.schema, "choGhi": len(self._waiting)})
