"""The outside world of sources of figures: a statistics server of one shape, and a book in the store's place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from collectors.departments.statistics import Statistics
from collectors.departments.statistics_dialects import CENTRE
from collectors.departments.statistics_shape import Asked, Shape
from collectors.poll import PollReport, poll
from collectors.source import Source
from collectors.sources import build
from ioc.config import SourceEntry
from ioc.model import Applied, BadRow, Batch, Figure
from tests.contract.rigs.base import MAPPINGS, NOW, ONCE, Clock, Killed

TODAY, YESTERDAY = "2026-09-15", "2026-09-14"
Key = tuple[str, str, str]


@dataclass(slots=True)
class Book:
    """Keeps figures as the store would: a figure counts as changed when its value does. `stop_after` batches it dies."""

    position: str | None = None
    figures: dict[Key, Figure] = field(default_factory=dict)
    bad: dict[str, BadRow] = field(default_factory=dict)
    applied: int = 0
    stop_after: int = 1_000_000

    async def cursor(self, source: str) -> str | None:
        return self.position

    async def apply(self, source: str, batch: Batch, now: datetime) -> Applied:
        if self.applied >= self.stop_after:
            raise Killed
        changed = 0
        for each in batch.figures:
            key = each.unit, each.period, each.name
            changed += key not in self.figures or self.figures[key].value != each.value
            self.figures[key] = each
        self.bad |= {row.raw_hash: row for row in batch.bad}
        self.position = batch.position
        self.applied += 1
        return Applied(read=len(batch.figures) + len(batch.bad), changed=changed, quarantined=len(batch.bad))

    def values(self, period: str = TODAY) -> dict[tuple[str, str], float]:
        return {(unit, name): each.value for (unit, of, name), each in self.figures.items() if of == period}


# How each simulated system is asked: the period its numbers are then about, and the options of the source.
SPOKEN: Mapping[str, tuple[str, dict[str, Any]]] = {
    "centre": (TODAY, {"params": {"ngay": "{day}"}, "date": "%d/%m/%Y"}),
    "survey": (TODAY, {"params": {"ngay": "{day}"}, "date": "%Y-%m-%d"}),
    "payments": (TODAY, {"method": "POST", "json": {"ngay": "{day}"}, "date": "%Y%m%d", "error_code": "errorCode"}),
    "digitisation": (TODAY, {"params": {"ngay": "{day}"}, "date": "%d/%m/%Y"}),
    "conference": (TODAY, {"params": {"ngay": "{day}"}, "date": "%Y/%m/%d"}),
    "procedures": (TODAY, {}),
    "feedback": ("2026-09", {"step": "month", "params": {"nam": "{year}", "thang": "{month}"}}),
    "portal766": (
        "2026",
        {
            "step": "year", "method": "POST", "records": "data.evaluation", "error_code": "code", "mapping": "index766",
            "json": {"timeType": "year", "year": "{year}", "departmentType": "ADMINISTRATIVE_UNIT"},
        },
    ),
    "portal766_old": (
        "2026-09",
        {
            "step": "month", "method": "POST", "mapping": "index766_old",
            "form": {"params": '{"service":"report_tinh_766_service","p_nam":"{year}","p_thang":"{month:02}","p_quy":"","p_6thang":""}'},
        },
    ),
    "monthly": ("2026-09", {"step": "month", "params": {"Year": "{year}", "Month": "{month}"}}),
    "statistic": ("2026-09", {"step": "month", "method": "POST", "json": {"year": "{year}", "month": "{month}"}}),
    "opencps": ("2026-09", {"step": "month", "params": {"year": "{year}", "month": "{month}"}}),
}  # fmt: skip


@dataclass(slots=True)
class FiguresRig:
    """A statistics server of one shape with numbers that tests change, and sources that read it."""

    folder: Path
    stack: AsyncExitStack
    kind: str = "figures"
    clock: Clock = field(default_factory=Clock)
    rows: list[Any] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    desk: Statistics = field(init=False)

    async def start(self, shape: Shape = CENTRE, *, rows: Callable[[Asked], list[Any]] | None = None, **made: Any) -> str:
        def numbers(asked: Asked) -> list[Any]:
            self.asked.append(asked)
            return rows(asked) if rows else self.rows

        self.desk = Statistics(shape, numbers, clock=self.clock, **made)
        return await self.stack.enter_async_context(self.desk.serving())

    def entry(self, url: str, shape: str = "centre", **options: Any) -> Source:
        spoken = SPOKEN[shape][1] if self.kind == "figures" else {}
        values: dict[str, Any] = {"name": "sut", "type": self.kind, "url": url, "mapping": shape, **spoken, **options}
        if not values["mapping"].endswith(".toml"):
            values["mapping"] = str(MAPPINGS / f"{values['mapping']}.toml")
        return build(SourceEntry.model_validate(values), self.folder)

    async def source(self, *rows: Any, shape: Shape = CENTRE, drip: float = 0.05, **options: Any) -> Source:
        self.rows = list(rows)
        return self.entry(await self.start(shape, drip=drip), shape.name, **options)

    @property
    def whole(self) -> dict[str, Any]:
        """The options under which its kind reads everything in one answer."""
        return {"paging": "none", "size_param": ""} if self.kind == "rest" else {}


async def once(source: Source, keep: Book) -> PollReport:
    return await poll(source, keep, NOW, retries=ONCE)


def centre(number: int, **changes: Any) -> dict[str, Any]:
    return {"unit": f"TT{number}", "visits": 100 + number, "served": 90, "queue_waiting": 4, "wait_p90": 12.5, **changes}


CENTRE_ROW = {("TT0", "visits"): 100.0, ("TT0", "served"): 90.0, ("TT0", "queue_waiting"): 4.0, ("TT0", "wait_p90"): 12.5}
