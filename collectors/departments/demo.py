"""The demo province's department systems in a process of their own: `python -m collectors.departments.demo --epoch ISO --seed N`.

Builds the province as it stood at the epoch, lives on to the present, starts the systems' servers, prints their addresses as one line of
JSON and goes on living. Life moves in whole slices from the epoch, so the same epoch and seed give the same province however often this
process was stopped. Ends when its standard input does: whoever started it need not remember to stop it, even when killed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from collectors.departments.knobs import Fault
from collectors.departments.province import stand
from collectors.departments.province_cases import SEED, System
from collectors.departments.province_dialects import code_of
from collectors.departments.province_events import Change, Silence
from collectors.departments.province_life import SLICE, Life
from collectors.departments.province_words import Record
from collectors.departments.systems import DATABASE_VARIABLE, SYSTEMS, Keeper, Server, World, secret_variable

HISTORY = 90  # days
TURN = 0.25  # seconds between two looks at what has become due


def utcnow() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def slice_end(epoch: datetime, now: datetime) -> datetime:
    """The first border of the grid of slices at or after `now`."""
    return epoch + -(-(now - epoch) // SLICE) * SLICE


async def run(names: Iterable[str], world: World, epoch: datetime, *, days: int = HISTORY, port: int = 0) -> None:
    """Serve these systems of the province that began at `epoch`, and let it live, until cancelled. `port` is for one system alone."""
    life, names = None, tuple(names)
    if any(SYSTEMS[name].keeps for name in names):
        life, records = await asyncio.to_thread(lived, epoch, world.seed, world.clock(), days)
        world = replace(world, records={system.value: each.values() for system, each in records.items()})
        del records
    servers = {name: SYSTEMS[name].make(world) for name in names}
    del world
    gc.collect()
    gc.freeze()  # what was made so far stays for good: no need to look through it again and again
    async with AsyncExitStack() as stack:
        print(json.dumps({name: await stack.enter_async_context(server.serving(port)) for name, server in servers.items()}), flush=True)
        await (_live(life, servers, epoch) if life else asyncio.Event().wait())


def lived(epoch: datetime, seed: int, now: datetime, length: int = HISTORY) -> tuple[Life, dict[System, dict[str, Record]]]:
    """The province at the epoch with `length` days behind it, lived on to the last border of slices before now; the records of each
    system by code."""
    begun = stand(epoch, length, seed)
    records = {System(name): {code_of(System(name), each): each for each in listed} for name, listed in begun.records().items()}
    life = Life(begun)
    for change in life.step(max(epoch, slice_end(epoch, now) - SLICE)):
        if isinstance(change, Change):
            records[change.system][code_of(change.system, change.record)] = change.record
    return life, records


async def _live(life: Life, servers: Mapping[str, Server], epoch: datetime) -> None:
    """Let each change happen when its time comes."""
    keepers = {SYSTEMS[name].keeps: server for name, server in servers.items() if isinstance(server, Keeper)}
    ahead: deque[Change | Silence] = deque()
    silences: dict[System, datetime] = {}
    while True:
        now = utcnow()
        if life.now < now:
            ahead.extend(life.step(slice_end(epoch, now)))
        while ahead and ahead[0].at <= now:
            event = ahead.popleft()
            keeper = keepers.get(event.system)
            if keeper is not None and isinstance(event, Change):
                keeper.put(event.record)
            elif keeper is not None and isinstance(event, Silence):
                silences[event.system], keeper.fault = event.until, Fault.DOWN
        for system in [system for system, until in silences.items() if until <= now]:
            del silences[system]
            keepers[system].fault = None
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
    parser.add_argument("--days", type=int, default=HISTORY, help="days of history before that")
    parser.add_argument("--only", default="", help="one system of the table alone")
    parser.add_argument("--port", type=int, default=0, help="where that one answers; 0: any free port (default)")
    parser.add_argument("--pushed-to", default="", help="where systems that call us find us")
    parser.add_argument("--folder", type=Path, default=Path(), help="where sheets are dropped")
    given = parser.parse_args()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    secrets = {name: os.environ.get(secret_variable(name), "") for name in SYSTEMS}
    world = World(clock=utcnow, seed=given.seed, secrets=secrets, pushed_to=given.pushed_to, folder=given.folder,
                  database=os.environ.get(DATABASE_VARIABLE, ""))  # fmt: skip
    names = [given.only] if given.only else list(SYSTEMS)
    asyncio.run(run(names, world, given.epoch.astimezone(UTC), days=given.days, port=given.port))


if __name__ == "__main__":
    main()
