"""The options of one `[[source]]` entry into the settings of its kind, strictly. Called by each kind's `declared`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from collectors.source import SettingsError, suggestion
from ioc.config import ConfigError, secret

Settings = TypeVar("Settings")


def settle(kind: type[Settings], options: Mapping[str, Any], source: str) -> Settings:
    """Settings from plain options. Raises SettingsError naming source, key, value and remedy."""
    if not is_dataclass(kind):
        raise TypeError(f"{kind!r} is no dataclass")
    known = [each.name for each in fields(kind)]
    for key in options:
        if key not in known:
            raise SettingsError(f"source.{source}.{key}: unknown key{suggestion(key, known)}")
    try:
        return msgspec.convert(dict(options), kind)
    except msgspec.ValidationError as error:
        raise SettingsError(f"source.{source}: {str(error).replace('`$.', '`')}; correct it") from None


def secret_of(source: str, key: str, options: Mapping[str, str], folder: Path) -> Callable[[], str]:
    """The secret named by `<key>_env` or `<key>_file`, read each time it is asked for."""
    env, file = options.get(f"{key}_env", ""), options.get(f"{key}_file", "")
    if bool(env) == bool(file):
        raise SettingsError(f"source.{source}: give exactly one of {key}_env and {key}_file")

    def read() -> str:
        try:
            return secret(f"source.{source}.{key}", env=env, file=file, folder=folder)
        except ConfigError as error:
            raise SettingsError(str(error)) from None

    return read
