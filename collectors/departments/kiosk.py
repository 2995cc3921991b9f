"""A simulated system that calls us: a satisfaction kiosk, a department's own software. It signs what it has and posts it.

It shares no code with what judges its calls, so that the two prove each other. In the demo it runs beside the department servers.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp

from collectors.departments.knobs import Knobs

MOST = 1000  # records a call


def signed(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers of one call, signed at `at`."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-IOC-Timestamp": stamp, "X-IOC-Signature": f"sha256={digest}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What we heard back from one call."""

    status: int
    answer: dict[str, Any]
    retry_after: str = ""


@dataclass(slots=True, kw_only=True)
class Kiosk:
    """One system with records to bring to `url`. What is not taken stays and is brought again, signed anew.

    Knobs as on every simulated system: `silent` calls no more, `delay` waits before each call, `yesterday` brings nothing new but still
    calls, `skew` puts its clock ahead; renamed, dropped and added fields are as in its records.
    """

    url: str
    secret: str = field(repr=False)
    clock: Callable[[], datetime]
    most: int = MOST
    knobs: Knobs = field(default_factory=Knobs)
    waiting: list[Any] = field(default_factory=list)

    def put(self, *records: Any) -> None:
        """New or changed records, to be brought with the next call."""
        self.waiting.extend(records)

    async def call(self) -> list[Told]:
        """Bring everything that waits, in calls of at most `most` records; an empty call says that we are there. Stops at the first
        call that is not taken. Raises aiohttp.ClientError when nobody listens."""
        if self.knobs.silent:
            return []
        told: list[Told] = []
        async with aiohttp.ClientSession() as http:
            while True:
                piece = [] if self.knobs.yesterday else self.waiting[: self.most]
                told.append(await self._post(http, [self.knobs.disguised(record) for record in piece]))
                if told[-1].status != 200:
                    return told
                del self.waiting[: len(piece)]
                if not self.waiting or self.knobs.yesterday:
                    return told

    async def calling(self, every: float) -> None:
        """Call every so many seconds until cancelled; a server that is away is called again next time."""
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                await self.call()
            await asyncio.sleep(every)

    async def _post(self, http: aiohttp.ClientSession, records: Iterable[Any]) -> Told:
        if self.knobs.delay:
            await asyncio.sleep(self.knobs.delay)
        body = json.dumps(list(records), ensure_ascii=False).encode("utf-8", "surrogatepass")
        headers = signed(self.secret, body, self.clock() + self.knobs.ahead)
        async with http.post(self.url, data=io.BytesIO(body), headers=headers) as response:
            return Told(status=response.status, answer=await response.json(), retry_after=response.headers.get("Retry-After", ""))
