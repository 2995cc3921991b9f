"""What a number should reach or stay under, and what it means when it does not. Pure; from `[[target]]` of the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ioc.wire import Business


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a number should reach or stay under, and how bad it is when it does not."""

    v: float
    dir: Literal["max", "min"]
    st: Business = "warn"

    def state(self, v: float | None) -> Business:
        if v is None:
            return "na"
        return self.st if (v > self.v if self.dir == "max" else v < self.v) else ""
