"""A collector in a process of its own, to be killed: polls one department into one database until it has everything, then says so.

python -m tests.acceptance.collector_alone DATABASE_URL SOURCE_URL PAGE_SIZE
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from collectors.poll import poll
from collectors.sources import build
from ioc.calendar import WorkCalendar
from ioc.config import SourceEntry
from ioc.db import pool
from ioc.store import Profile, Store

MAPPINGS = Path(__file__).parents[2] / "examples" / "mappings"


async def main(database_url: str, source_url: str, size: int) -> None:
    entry = SourceEntry(
        name="receipt", type="rest", mapping="receipt.toml", url=source_url, updated="time:timestamp", size=size, max_size=size
    )
    source = build(entry, MAPPINGS)
    async with pool(database_url, size=2) as connections:
        store = Store(connections)
        await store.declare(
            Profile(
                name="receipt", title="receipt", calendar=WorkCalendar(), zone=source.mapping.zone, create_units=source.mapping.create_units
            )
        )
        report = await poll(source, store, datetime.now(UTC))
    assert report.ok, report.error
    print("complete", report.read, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
