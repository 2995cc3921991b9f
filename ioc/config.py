"""The configuration: one TOML file, environment and *_FILE secrets. Strict: an unknown key is an error that names the key.

Parts owned by others stay as they are here (`[[source]]` options, `[[rule]]`); their owners validate them, so this room knows
nothing of sources and rules but their names. Every `ConfigError` says which key, which value, and what to do.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ConfigError(Exception):
    """The configuration cannot be used. `problems` holds one line each: key, value, remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerConfig(_Strict):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    province: str = "Tỉnh"
    log: Literal["text", "json"] = "text"


class UrlConfig(_Strict):
    """Where a service is: `url`, or `url_file` naming a file that holds it (so that passwords stay out of here)."""

    url: str = ""
    url_file: str = ""


class CalendarConfig(_Strict):
    zone: str = "Asia/Ho_Chi_Minh"
    morning: tuple[time, time] = (time(7, 30), time(11, 30))
    afternoon: tuple[time, time] = (time(13, 0), time(17, 0))
    table: str = ""  # a TOML table of rest and make-up days that wins over the shipped one
    compare: Literal["date", "instant"] = "date"

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"no time zone is called {zone!r}; write one like Asia/Ho_Chi_Minh") from None
        return zone


class AccessConfig(_Strict):
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


class FeederConfig(_Strict):
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


class FeedersConfig(_Strict):
    """How many reminders a year lead to what."""

    review: int = Field(default=3, ge=1)
    discipline: int = Field(default=6, ge=1)


class TargetConfig(_Strict):
    """What a KPI should reach (`min`) or stay under (`max`)."""

    kpi: str
    min: float | None = None
    max: float | None = None
    severity: Literal["warn", "crit"] = "warn"  # what missing it looks like


class Config(_Strict):
    server: ServerConfig = ServerConfig()
    database: UrlConfig = UrlConfig()
    redis: UrlConfig = UrlConfig()
    calendar: CalendarConfig = CalendarConfig()
    units: str = ""  # CSV of the unit catalogue, relative to this file
    access: tuple[AccessConfig, ...] = ()
    source: tuple[SourceEntry, ...] = ()
    feeder: tuple[FeederConfig, ...] = ()
    feeders: FeedersConfig = FeedersConfig()
    target: tuple[TargetConfig, ...] = ()
    rule: tuple[dict[str, Any], ...] = ()
    folder: Path = Path()  # set by load(): what relative paths are relative to


def load(path: Path) -> Config:
    """Read and check one TOML file. Raises ConfigError with every problem found, not only the first."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror}); give --config the path of a TOML file"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8"]) from None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: not TOML: {error}"]) from None
    if "folder" in raw:
        raise ConfigError([f"{path}: folder: unknown key; remove it"])
    return parse(raw, folder=path.resolve().parent)


def parse(raw: Mapping[str, Any], *, folder: Path = Path()) -> Config:
    """A configuration from plain values, checked as a whole."""
    try:
        config = Config.model_validate({**raw, "folder": folder})
    except ValidationError as error:
        raise ConfigError([_line(problem) for problem in error.errors()]) from None
    problems = _across(config)
    if problems:
        raise ConfigError(problems)
    return config


def _line(problem: Any) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        known = _keys_at(problem["loc"])
        close = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(known)}"
        return f"{place}: unknown key; {hint}"
    value = repr(problem.get("input"))
    shown = value if len(value) <= 80 else value[:77] + "..."
    if problem["type"] == "missing":
        return f"{place}: missing; add it"
    return f"{place} = {shown}: {problem['msg'].removeprefix('Value error, ')}"


def _keys_at(place: tuple[Any, ...]) -> list[str]:
    model: Any = Config
    for part in place[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_of(model.model_fields[part].annotation) or model
    return [key for key in model.model_fields if key != "folder"]


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = getattr(annotation, "__args__", ())
    return next((a for a in inner if isinstance(a, type) and issubclass(a, BaseModel)), None)


def _across(config: Config) -> list[str]:
    """What only shows when several keys are seen together."""
    problems = []
    names = [entry.name for entry in config.source]
    problems += [f"source.{n}.name: used twice; give each source its own" for n in sorted({n for n in names if names.count(n) > 1})]
    if config.server.host not in LOOPBACK and not config.access:
        problems.append(
            f"server.host = {config.server.host!r}: reachable from other machines, but nobody is listed in [[access]]; "
            'add one with token_env or token_file, or listen on "127.0.0.1"'
        )
    for entry in config.access:
        if bool(entry.token_env) == bool(entry.token_file):
            problems.append(f"access.{entry.name}: give exactly one of token_env and token_file")
    for target in config.target:
        if (target.min is None) == (target.max is None):
            problems.append(f"target.{target.kpi}: give exactly one of min and max")
    problems += [
        f"feeder.source = {feeder.source!r}: no source is called so; known: {', '.join(names)}"
        for feeder in config.feeder
        if feeder.source not in names
    ]
    calendar = config.calendar
    hours = (*calendar.morning, *calendar.afternoon)
    if list(hours) != sorted(hours) or len(set(hours)) != 4:
        problems.append(f"calendar: {', '.join(f'{h:%H:%M}' for h in hours)}: hours must rise from morning to afternoon")
    return problems


def secret(name: str, *, env: str = "", file: str = "", folder: Path = Path()) -> str:
    """A secret from the environment or a file; `name` only serves the error."""
    if env:
        value = os.environ.get(env, "")
        if not value:
            raise ConfigError([f"{name}: the environment variable {env} is empty or not set; set it before starting"])
        return value
    try:
        value = (folder / file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError([f"{name}: {file} cannot be read ({error.strerror}); put the secret into that file"]) from None
    if not value:
        raise ConfigError([f"{name}: {file} is empty; put the secret into that file"])
    return value


def service_url(part: UrlConfig, variable: str, folder: Path) -> str:
    """The address of a service: IOC_... from the environment wins, then `url`, then `url_file`; "" when none is given."""
    given = os.environ.get(variable, "")
    if given:
        return given
    if part.url and part.url_file:
        raise ConfigError([f"{variable}: give url or url_file, not both"])
    return secret(variable, file=part.url_file, folder=folder) if part.url_file else part.url
