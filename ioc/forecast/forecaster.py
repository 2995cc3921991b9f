"""The one place of a process that holds what was learned: trained when first asked, anew when a day old, beside whatever else runs.

The model is small and lives in memory. While a newer one is learned the old one answers; two questions at once train once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ioc.calendar import WorkCalendar
from ioc.catalogue import Catalogue, Reading, load
from ioc.db import Connection
from ioc.forecast import reading
from ioc.forecast.answer import picks, report_told, told
from ioc.forecast.backtest import Report, backtest, learned, split
from ioc.forecast.estimate import Model
from ioc.forecast.lives import Clock, Life
from ioc.forecast.slots import Cut, ahead

STALE = timedelta(days=1)
THIN = timedelta(minutes=5)  # too little history may be one still being read


@dataclass(slots=True, kw_only=True)
class Forecaster:
    """Answers for one calendar. Learning reads a bounded history and runs in a thread, so nothing waits for it but who asked first."""

    calendar: WorkCalendar
    model: Model | None = None
    tested: tuple[datetime, Report | None] | None = None
    _learning: asyncio.Lock = field(default_factory=asyncio.Lock)
    _testing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def learn(self, db: Connection, now: datetime, *, anew: bool = False) -> Model:
        """The model of what is known now; the present one if it is less than a day old (a thin one: less than some minutes)."""
        async with self._learning:
            if anew or self.model is None or now - self.model.trained_at >= (STALE if self.model.enough else THIN):
                lives = await self._lives(db, now, decided=True)
                self.model = await asyncio.to_thread(learned, lives, Clock(self.calendar), now)
            return self.model

    async def forecast(
        self,
        db: Connection,
        now: datetime,
        unit: str | None,
        cut: Cut,
        *,
        by: Reading = "now",
        only: int | None = None,
        limit: int = 100,
        skip: int = 0,
    ) -> dict[str, Any]:
        """What becomes late of the dossiers of a unit with all below it (None: everything), as answer.py tells it. Raises UnitError."""
        model = self.model if self.model and self._learning.locked() else await self.learn(db, now)
        catalogue = await self._offices(db, now)
        units = reading.keys_of(catalogue, unit, by, now)
        slots = ahead(self.calendar, now, cut)
        heirs = reading.heirs_of(catalogue)
        open_ = await reading.in_time(db, now, units)
        found = await asyncio.to_thread(picks, open_, heirs, model, self.calendar, slots, now)
        codes = catalogue.codes if catalogue else {}
        answer = told(found, model, self.calendar, slots, now, codes, only=only, limit=limit, skip=skip)
        besides = {"later": len(open_) - len(found), "beside": await reading.beside(db, now, units)}
        return {"as_of": now, "unit": unit, "reading": by, **answer, **besides}

    async def test(self, db: Connection, now: datetime) -> dict[str, Any] | None:
        """The back-test on the store: learned on the first 70 % by time, asked about the rest. None: the history is too thin."""
        async with self._testing:
            if self.tested is None or now - self.tested[0] >= (STALE if self.tested[1] else THIN):
                lives = await self._lives(db, now, decided=False)
                at = split(lives)
                report = await asyncio.to_thread(backtest, lives, Clock(self.calendar), at, now) if at else None
                self.tested = now, report
            report = self.tested[1]
        return report_told(report) if report else None

    async def _lives(self, db: Connection, now: datetime, *, decided: bool) -> list[Life]:
        return await reading.lives(db, now, reading.heirs_of(await self._offices(db, now)), decided=decided)

    async def _offices(self, db: Connection, now: datetime) -> Catalogue | None:
        return await load(db, now.astimezone(self.calendar.zone).date())
