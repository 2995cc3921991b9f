"""The satisfaction kiosks of the demo's service centres: they call us. A desk of its own shows what they counted and takes their knobs.

Started like every simulated system; while it serves, whatever votes changed are brought to the address it was given.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from collectors.departments.desk import Desk
from collectors.departments.kiosk import Kiosk
from collectors.departments.province_cases import today
from collectors.departments.statistics_shape import Asked, Row

Votes = Callable[[Asked], Iterable[Row]]


class Ballots(Desk):
    """`votes` answers a day's votes by kiosk; every `every` seconds those that changed are brought to `to` ("": nobody is called).

    `back` days before today are brought with the first call.
    """

    def __init__(
        self, votes: Votes, *, clock: Callable[[], datetime], to: str = "", secret: str = "", every: float = 20.0, back: int = 30
    ) -> None:
        super().__init__(clock=clock)
        self.kiosk = Kiosk(url=to, secret=secret, clock=clock)
        self._votes, self._every, self._back = votes, every, back
        self._brought: dict[tuple[str, str], Row] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/phieu", self._counted)]

    def turn(self, changes: Mapping[str, Any]) -> None:
        super().turn(changes)
        self.kiosk.knobs = self.knobs

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[str]:
        async with super().serving(port) as url:
            calling = asyncio.create_task(self._calling()) if self.kiosk.url else None
            try:
                yield url
            finally:
                if calling is not None:
                    calling.cancel()
                    with suppress(asyncio.CancelledError):
                        await calling

    def changed(self) -> list[dict[str, Any]]:
        """The records of what was voted since the last time, of today and, the first time, of the days before."""
        now = self.clock()
        days = [today(now - timedelta(days=n)).isoformat() for n in range(1 if self._brought else self._back, -1, -1)]
        made = []
        for day in days:
            for row in self._votes(Asked(period=day, now=now)):
                key = day, str(row["unit"])
                if self._brought.get(key) != row:
                    self._brought[key] = row
                    made.append(self._record(day, row, now))
        return made

    async def _calling(self) -> None:
        """Bring what changed, then wait; the kiosk keeps what was not taken."""
        self.kiosk.put(*self.changed())
        pushing = asyncio.create_task(self.kiosk.calling(self._every))
        try:
            while True:
                await asyncio.sleep(self._every)
                self.kiosk.put(*self.changed())
        finally:
            pushing.cancel()

    async def _counted(self, request: web.Request) -> web.StreamResponse:
        def content(_repeat: bool) -> Any:
            now = self.clock()
            day = today(now).isoformat()
            return [self._record(day, row, now) for row in self._votes(Asked(period=day, now=now))]

        return await self.respond(request, content)

    @staticmethod
    def _record(day: str, row: Row, now: datetime) -> dict[str, Any]:
        return {
            "thietBi": f"KIOSK-{row['unit']}", "donVi": row["unit"], "ngay": day, "ratHaiLong": row["votes_very_satisfied"],
            "haiLong": row["votes_satisfied"], "khongHaiLong": row["votes_unsatisfied"], "thoiDiem": now.isoformat(timespec="seconds"),
        }  # fmt: skip
