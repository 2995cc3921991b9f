"""The sections of the configuration file, each with what it may hold. Read as a whole by ioc/config.py; strict: nothing else is allowed."""

from __future__ import annotations

from datetime import date, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerConfig(Strict):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    province: str = "Tỉnh"
    log: Literal["text", "json"] = "text"


class UrlConfig(Strict):
    """Where a service is: `url`, or `url_file` naming a file that holds it (so that passwords stay out of here)."""

    url: str = ""
    url_file: str = ""


class OfficeConfig(Strict):
    """Units that keep other hours: codes, or a level of the catalogue. What is left out is as usual."""

    units: tuple[str, ...] | Literal["department", "district", "commune"]
    morning: tuple[time, time] | None = None
    afternoon: tuple[time, time] | None = None
    saturday: tuple[time, time] | None = None


class CalendarConfig(Strict):
    zone: str = "Asia/Ho_Chi_Minh"
    morning: tuple[time, time] = (time(7, 30), time(11, 30))
    afternoon: tuple[time, time] = (time(13, 0), time(17, 0))
    saturday: tuple[time, time] | None = None  # where Saturdays are worked
    table: str = ""  # a TOML table of rest, half and make-up days that wins over the shipped one
    compare: Literal["date", "instant"] = "date"
    cut_off: time | None = None  # what is received later counts from the next working day
    after_supplement: Literal["resume", "restart"] = "resume"  # whether the time goes on after a supplement or is counted anew
    reception_hours: float = Field(default=8, gt=0, le=1000)  # working hours within which what was sent in is to be received
    office: tuple[OfficeConfig, ...] = ()

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"no time zone is called {zone!r}; write one like Asia/Ho_Chi_Minh") from None
        return zone


class AccessConfig(Strict):
    """Who may look: one token each, from the environment or a file, never written here."""

    name: str
    role: Literal["wall", "reader", "operator"] = "wall"
    token_env: str = ""
    token_file: str = ""


class SourceEntry(BaseModel):
    """One department system. What is left in `options` belongs to its type (collectors/sources)."""

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")
    type: str  # a kind of collectors/sources
    title: str = ""
    mapping: str = ""
    every: float = Field(default=60, gt=0, le=86400)  # seconds between two polls
    period: float | None = Field(default=None, gt=0)  # seconds its data stay fresh; None: twice `every`
    grace: float | None = Field(default=None, ge=0)  # and so many more they are only late; None: three times `every`
    stuck_after: float = Field(default=8, ge=0)  # working hours without one change after which it is stuck; 0: never
    lookback: float = Field(default=0, ge=0, le=366)  # days read again for corrections that came late, 0: none
    lookback_every: float = Field(default=24, gt=0, le=744)  # hours between two such readings

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class FeederConfig(Strict):
    """What units must deliver through a source by when. `units`: codes, or a level of the catalogue, each below the province.

    `expects`: what counts as a delivery of a day: a change of one of the unit's items, a figure of the unit for that day, or (one
    source, one unit) that the source answered.
    """

    source: str
    units: tuple[str, ...] | Literal["department", "district", "commune"] = "commune"
    cutoff: time = time(17, 0)
    days: Literal["working", "all"] = "working"
    expects: Literal["items", "figures", "answer"] = "items"
    since: date | None = None  # the first day that counts; None: the day the source was first read


class FeedersConfig(Strict):
    """How many reminders a year lead to what."""

    review: int = Field(default=3, ge=1)
    discipline: int = Field(default=6, ge=1)


class ServiceIndexConfig(Strict):
    """How the service index of Decision 766 is scored."""

    criteria: str = ""  # a file like ioc/service_index/criteria.toml, relative to the configuration; empty: the shipped one


class RetentionConfig(Strict):
    """How long what grows without end is kept. The closing numbers of days and the history of items are kept for ever."""

    samples_months: int = Field(default=13, ge=1, le=1200)  # the numbers by the minute: by default a year, and the month to compare with


class TargetConfig(Strict):
    """What a KPI should reach (`min`) or stay under (`max`)."""

    kpi: str
    min: float | None = None
    max: float | None = None
    severity: Literal["warn", "crit"] = "warn"  # what missing it looks like
