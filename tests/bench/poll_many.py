"""P1: 3,400 sources of one commune each, polled every minute by one `ioc serve` on one core; the communes run in another process.

Against: one core. Printed: the CPU share of the whole server (collecting, storing, measuring, publishing), polls a second, and how late
polls started against their schedule.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

import aiohttp

from tests.bench.communes import code_of
from tests.bench.processes import ROOT, cpu_seconds, database, free_port, resident_mb, running, services
from tests.bench.table import Result

COUNT = int(os.environ.get("IOC_BENCH_SOURCES", "3400"))
EVERY = 60
MEASURED = 120.0  # seconds, after every source has been read once
PATIENCE = 300.0

SOURCE = """
[[source]]
name = "c{n:04}"
type = "rest"
mapping = "{mappings}/commune.toml"
url = "{url}/c/{n}/api/ho-so"
every = {every}
records = "data"
updated = "capNhat"
as_of = "thoiDiem"
total = "totalRecords"
page_param = "pageIndex"
size_param = "pageSize"
since_param = "tuNgay"
first_page = 0
"""


def configuration(folder: Path, url: str) -> Path:
    """A province of COUNT communes, each with a system of its own."""
    mappings = ROOT / "examples" / "mappings"
    rows = ["code,name,level,parent,valid_from,valid_to,successor,short,row,col,alt_codes", "H99,Tỉnh,province,,,,,,,,"]
    rows += [f"{code_of(n)},Xã {n},commune,H99,,,,,,," for n in range(COUNT)]
    (folder / "units.csv").write_text("\n".join(rows), encoding="utf-8")
    sources = "".join(SOURCE.format(n=n, url=url, every=EVERY, mappings=mappings) for n in range(COUNT))
    path = folder / "ioc.toml"
    path.write_text('units = "units.csv"\n[server]\nlog = "json"\n' + sources, encoding="utf-8")
    return path


async def metric(port: int, name: str) -> dict[str, float]:
    """The samples of a metric: label text -> value."""
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name)}


def quantile(buckets: dict[str, float], share: float) -> float:
    """The upper bound of the bucket in which a share of the observations lies."""
    bounds = sorted((float(label.split('le="')[1].split('"')[0].replace("+Inf", "inf")), count) for label, count in buckets.items())
    wanted = share * bounds[-1][1]
    return next(bound for bound, count in bounds if count >= wanted)


async def polls(port: int) -> float:
    return sum((await metric(port, "ioc_polls_total")).values())


async def run() -> Result:
    with services() as urls, database(urls["IOC_DATABASE_URL"]) as db, tempfile.TemporaryDirectory() as made:
        async with running("-m", "tests.bench.communes", str(COUNT), core=1) as communes:
            assert communes.stdout is not None
            url = (await communes.stdout.readline()).decode().strip()
            config, port = configuration(Path(made), url), free_port()
            environment = {"IOC_DATABASE_URL": db, "IOC_PORT": str(port), "IOC_REDIS_URL": ""}
            async with running("-m", "ioc", "serve", "--config", str(config), core=0, **environment) as server:
                return await measured(server.pid, communes.pid, port)


async def measured(server: int, communes: int, port: int) -> Result:
    began = time.monotonic()
    while True:  # until every source was read once
        await asyncio.sleep(2)
        try:
            if await polls(port) >= COUNT:
                break
        except aiohttp.ClientError:
            pass
        assert time.monotonic() - began < PATIENCE, "the sources were not read once within the time given"
    ready = time.monotonic() - began
    before, other, count, start = cpu_seconds(server), cpu_seconds(communes), await polls(port), time.monotonic()
    lag_before = await metric(port, "ioc_poll_lag_seconds_bucket")
    await asyncio.sleep(MEASURED)
    took = time.monotonic() - start
    share, done = (cpu_seconds(server) - before) / took, await polls(port) - count
    lag = {label: value - lag_before.get(label, 0.0) for label, value in (await metric(port, "ioc_poll_lag_seconds_bucket")).items()}
    failed = sum(value for label, value in (await metric(port, "ioc_polls_total")).items() if 'outcome="ok"' not in label)
    expected = COUNT * took / EVERY
    facts = {
        "sources": COUNT,
        "polls_per_second": round(done / took, 1),
        "server_cpu_share": round(share, 3),
        "cpu_ms_per_poll": round(1000 * share * took / max(done, 1), 2),
        "lag_p50": quantile(lag, 0.5),
        "lag_p99": quantile(lag, 0.99),
        "failed_polls": failed,
        "memory_mb": round(resident_mb(server)),
        "first_round_seconds": round(ready, 1),
        "departments_cpu_share": round((cpu_seconds(communes) - other) / took, 3),
    }
    kept_up = done >= 0.95 * expected and share < 1.0 and failed == 0
    what = f"{COUNT} sources polled every {EVERY} s on one core"
    return Result(id="P1", what=what, against="one core", ratio=round(1 / share, 2), must=1.0, stretch=2.0, met=kept_up, facts=facts)
