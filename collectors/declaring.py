"""The words a declared mapping is checked with: its file read, its tables, names and zone taken, each mistake a MappingError.

Called by mapping.py and figure_mapping.py; every error names the key, the value and the remedy.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from collectors import paths
from collectors.source import MappingError, shown, suggestion

Made = TypeVar("Made")


def read_file(path: Path, compile: Callable[[dict[str, Any]], Made]) -> Made:
    """What `compile` makes of a TOML file. Raises MappingError naming the file."""
    try:
        return compile(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise MappingError(f"{path.name}: cannot be read ({error.strerror}); give the path of a mapping file") from None
    except UnicodeDecodeError as error:
        raise MappingError(f"{path.name}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{path.name}: not TOML: {error}") from None
    except MappingError as error:
        raise MappingError(f"{path.name}: {error}") from None


def true_false(key: str, declared: object, name: str) -> bool:
    """One flag of a table that holds nothing else; False where it is not given."""
    own = table(key, declared)
    only(key, own, {name})
    value = own.get(name, False)
    if not isinstance(value, bool):
        raise MappingError(f"{key}.{name}: {shown(value)} is neither true nor false; write one of them")
    return value


def names(key: str, declared: object) -> tuple[str, ...]:
    """One name of theirs, or a list of them."""
    listed = declared if isinstance(declared, list) else [declared]
    return tuple(text(key, name) for name in listed) or (text(key, None),)


def places(key: str, declared: object) -> tuple[str, ...]:
    """Names of their fields, of which those that begin with "=" are expressions (paths.py)."""
    given = names(key, declared)
    for name in given:
        try:
            paths.reads(name)
        except paths.PathError as error:
            raise MappingError(f"{key}: {shown(name)}: {error}; see jmespath.org, or write the plain name of a field") from None
    return given


def text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise MappingError(f"{key}: {shown(value)} is no text; write one")
    return value


def zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(text("zone", name))
    except (KeyError, ValueError, OSError):
        raise MappingError(f"zone: no time zone is called {shown(name)}; write one like Asia/Ho_Chi_Minh") from None


def table(key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MappingError(f"{key}: {shown(value)} is no table; write it as [{key}]")
    return value


def only(place: str, table: dict[str, Any], known: Iterable[str]) -> None:
    """Refuse the first key of a table that is not known."""
    for key in table:
        if key not in set(known):
            raise MappingError(f"{place}{'.' if place else ''}{key}: unknown key{suggestion(str(key), known)}")
