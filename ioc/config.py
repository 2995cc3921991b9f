"""The configuration: one TOML file, environment and *_FILE secrets. Strict: an unknown key is an error that names the key.

Parts owned by others stay as they are here (`[[source]]` options, `[[rule]]`); their owners validate them, so this room knows
nothing of sources and rules but their names. Every `ConfigError` says which key, which value, and what to do.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ioc.settings import (
    AccessConfig,
    CalendarConfig,
    FeederConfig,
    FeedersConfig,
    RetentionConfig,
    ServerConfig,
    ServiceIndexConfig,
    SourceEntry,
    Strict,
    TargetConfig,
    UrlConfig,
)

__all__ = [
    "AccessConfig", "CalendarConfig", "Config", "ConfigError", "FeederConfig", "FeedersConfig", "RetentionConfig", "ServerConfig",
    "ServiceIndexConfig", "SourceEntry", "TargetConfig", "UrlConfig", "load", "parse", "secret", "service_url",
]  # fmt: skip

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ConfigError(Exception):
    """The configuration cannot be used. `problems` holds one line each: key, value, remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Config(Strict):
    server: ServerConfig = ServerConfig()
    database: UrlConfig = UrlConfig()
    redis: UrlConfig = UrlConfig()
    calendar: CalendarConfig = CalendarConfig()
    units: str = ""  # CSV of the unit catalogue, relative to this file
    access: tuple[AccessConfig, ...] = ()
    source: tuple[SourceEntry, ...] = ()
    feeder: tuple[FeederConfig, ...] = ()
    feeders: FeedersConfig = FeedersConfig()
    retention: RetentionConfig = RetentionConfig()
    target: tuple[TargetConfig, ...] = ()
    service_index: ServiceIndexConfig = ServiceIndexConfig()
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
