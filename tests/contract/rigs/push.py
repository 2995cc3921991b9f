"""The rig of the kind `push`: a kiosk that calls the real route over HTTP; what the route takes in waits in the source's inbox."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Any

import uvicorn
from fastapi import FastAPI

from collectors.departments.kiosk import Kiosk, Told
from collectors.source import Source
from collectors.sources.push import Arrival, PushSource
from ioc.model import BadRow
from ioc.server.push import Gate, routes
from tests.contract.rigs.base import NOW, Rig

SECRET = "khóa bí mật của ki-ốt"
TOLD = "what cannot be read is told to the caller: its tests are in test_push.py"


@asynccontextmanager
async def served(gate: Gate) -> AsyncIterator[str]:
    """The route alone on a free port; yields the address it answers at."""
    app = FastAPI()
    app.include_router(routes(gate))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:  # noqa: ASYNC110  it says so by an attribute alone
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1/push"
    finally:
        server.should_exit = True
        await task
        listener.close()


class PushRig(Rig):
    """Records are brought at once, as a system that calls us does; `told` is what it heard back."""

    kind = "push"
    calls_us = True
    required = MappingProxyType({"secret_file": "push-secret"})

    async def source(self, records: Iterable[Any], **options: Any) -> Source:
        (self.folder / "push-secret").write_text(SECRET, encoding="utf-8")
        made = self.entry(**{"secret_file": "push-secret", "max_megabytes": 32, **options})
        assert isinstance(made, PushSource)
        self.made, self.told = made, list[Told]()
        self.gate = Gate(sources={"sut": made}, take=self.take, now=lambda: NOW)
        url = await self.stack.enter_async_context(served(self.gate))
        self.kiosk = Kiosk(url=f"{url}/sut", secret=SECRET, clock=lambda: NOW, most=5000)
        self.kiosk.put(*records)
        await self.bring()
        return made

    async def take(self, source: PushSource, arrival: Arrival, now: datetime) -> Sequence[BadRow]:
        source.inbox.append(arrival)
        return ()

    async def bring(self) -> None:
        self.told += await self.kiosk.call()

    async def change(self, record: dict[str, Any]) -> None:
        self.kiosk.put(record)
        await self.bring()

    async def break_content(self) -> None:
        raise AssertionError(TOLD)

    async def empty_content(self) -> None:
        raise AssertionError(TOLD)

    async def mend(self) -> None:
        raise AssertionError(TOLD)
