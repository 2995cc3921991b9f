"""How fast one system may be asked: so many requests a second, a few at once after a rest. Called by http.py before each request.

A turn is reserved before it is waited for, so that callers waiting together keep the pace too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """`rate`: requests a second, 0 for as many as wanted; `burst`: how many may come at once after a rest."""

    rate: float = 0.0
    burst: int = 1
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _free: float = float("-inf")  # when the turn after the last one reserved would come without any burst

    async def turn(self) -> None:
        """Wait until the next request may go out."""
        if self.rate > 0 and (wait := self.reserve(self.clock())) > 0:
            await self.sleep(wait)

    def reserve(self, now: float) -> float:
        """Take the next turn; returns the seconds until it comes."""
        step = 1.0 / self.rate
        earliest = max(self._free, now - (self.burst - 1) * step)
        self._free = earliest + step
        return max(0.0, earliest - now)
