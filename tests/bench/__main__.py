"""`python -m tests.bench [ID ...]`: the benchmarks named, or all; a table on the screen, build/bench.json for machines.

Ends with status 1 when one does not reach what it must.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from tests.bench import kills, poll_many
from tests.bench.processes import ROOT
from tests.bench.table import Result, show, write

BENCHES: dict[str, Callable[[], Awaitable[Result]]] = {
    "P1": poll_many.run,
    "P2": kills.run,
}


async def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        print(f"there is no benchmark {unknown[0]!r}; known: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    results = []
    for name in wanted or BENCHES:
        print(f"{name} …", file=sys.stderr, flush=True)
        results.append(await BENCHES[name]())
    show(results)
    write(results, ROOT / "build" / "bench.json")
    return 0 if all(one.met for one in results) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
