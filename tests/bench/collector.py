"""A collector to be killed: `python -m tests.bench.collector DATABASE_URL FLOOD_URL`: reads the three dialects side by side to their ends.

Prints "complete", what it read and what it changed; a kill anywhere leaves what its batches have stored.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from collectors.poll import poll
from collectors.sources import build
from ioc.calendar import WorkCalendar
from ioc.config import SourceEntry
from ioc.db import pool
from ioc.store import Profile, Store
from tests.bench.flood import WRITERS
from tests.bench.processes import ROOT

MAPPINGS = ROOT / "examples" / "mappings"
OPTIONS = {
    "onestop": {"records": "result", "updated": "CapNhat"},
    "commune": {"records": "data", "updated": "capNhat", "since_param": "tuNgay", "first_page": 0}
    | {"page_param": "pageIndex", "size_param": "pageSize"},
    "documents": {"records": "items", "updated": "capNhat", "paging": "next", "next": "next", "since_param": "tu", "size_param": "limit"},
}


async def main(database_url: str, flood_url: str) -> None:
    async with pool(database_url, size=6) as connections:
        store = Store(connections)

        async def read(name: str) -> tuple[int, int]:
            entry = SourceEntry.model_validate(
                {"name": name, "type": "rest", "mapping": f"{name}.toml", "url": f"{flood_url}/{name}", "size": 5000, **OPTIONS[name]}
            )
            source = build(entry, MAPPINGS)
            await store.declare(Profile(name=name, title=name, calendar=WorkCalendar()))
            report = await poll(source, store, datetime.now(UTC))
            assert report.ok, report.error
            return report.read, report.changed

        done = await asyncio.gather(*(read(name) for name in WRITERS))
    print("complete", sum(read for read, _ in done), sum(changed for _, changed in done), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
