"""The demo province's three department systems in a process of their own: `python -m collectors.departments.demo --epoch ISO --seed N`.

Prints their addresses as one line of JSON, then builds the province as it stood at the epoch, lives on to the present and goes on living.
Life moves in whole slices from the epoch, so the same epoch and seed give the same province however often this process was stopped.
Ends when its standard input does: whoever started it need not remember to stop it, even when killed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import threading
import time
from collections import deque
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from collectors.departments.dialects import DIALECTS
from collectors.departments.knobs import Fault
from collectors.departments.onestop import Department
from collectors.departments.province import stand
from collectors.departments.province_cases import SEED
from collectors.departments.province_life import SLICE, Change, Life, Silence
from collectors.departments.shelf import Shelf

TURN = 0.25  # seconds between two looks at what has become due


def utcnow() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def slice_end(epoch: datetime, now: datetime) -> datetime:
    """The first border of the grid of slices at or after `now`."""
    return epoch + -(-(now - epoch) // SLICE) * SLICE


async def run(epoch: datetime, seed: int) -> None:
    departments = {name: Department([], DIALECTS[name], clock=utcnow) for name in ("onestop", "commune", "documents")}
    for department in departments.values():
        department.opened.clear()  # until its records are there
    async with AsyncExitStack() as stack:
        urls = {name: await stack.enter_async_context(department.serving()) for name, department in departments.items()}
        print(json.dumps(urls), flush=True)
        life = await asyncio.to_thread(_begin, departments, epoch, seed)
        for department in departments.values():
            department.opened.set()
        await _live(life, departments, epoch)


def _begin(departments: dict[str, Department], epoch: datetime, seed: int) -> Life:
    """The province at the epoch, lived on to now."""
    world = stand(epoch, seed=seed)
    for name, records in world.records().items():  # before life begins, which moves the same cases on
        departments[name].records = Shelf(DIALECTS[name], records, epoch)
    life = Life(world)
    for change in life.step(max(epoch, slice_end(epoch, utcnow()) - SLICE)):
        if isinstance(change, Change):
            departments[change.system.value].records.put(change.record, change.at)
    return life


async def _live(life: Life, departments: dict[str, Department], epoch: datetime) -> None:
    """Let each change happen when its time comes."""
    ahead: deque[Change | Silence] = deque()
    silences: dict[str, datetime] = {}
    while True:
        now = utcnow()
        if life.now < now:
            ahead.extend(life.step(slice_end(epoch, now)))
        while ahead and ahead[0].at <= now:
            change = ahead.popleft()
            name = change.system.value
            if isinstance(change, Change):
                departments[name].records.put(change.record, change.at)
            else:
                silences[name] = change.until
        for name, until in silences.items():
            departments[name].fault = Fault.DOWN if now < until else None
        await asyncio.sleep(TURN)


def _end_with_parent() -> None:
    """Standard input ends with the process that holds its other end; then this one ends at once, whatever it is doing."""
    while os.read(sys.stdin.fileno(), 1024):
        continue
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description="The demo province's department systems.")
    parser.add_argument("--epoch", type=datetime.fromisoformat, required=True, help="when the province began, ISO with zone")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    asyncio.run(run(given.epoch.astimezone(UTC), given.seed))


if __name__ == "__main__":
    main()
