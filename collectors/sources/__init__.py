"""The table of source kinds. A new kind is one file here and one line below; tests/contract/test_sources.py runs over the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from collectors.source import SettingsError, Source, shown, suggestion
from collectors.sources.dvcqg import DvcqgSource
from collectors.sources.edxml import EdxmlSource
from collectors.sources.figures import FiguresSource
from collectors.sources.files import declared as files
from collectors.sources.lgsp import LgspSource
from collectors.sources.push import PushSource
from collectors.sources.rest import RestSource
from collectors.sources.sql import SqlSource
from ioc.config import SourceEntry

SOURCES: dict[str, Callable[[SourceEntry, Path], Source]] = {
    "rest": RestSource.declared,
    "edxml": EdxmlSource.declared,
    "sql": SqlSource.declared,
    "dvcqg": DvcqgSource.declared,
    "lgsp": LgspSource.declared,
    "files": files,
    "push": PushSource.declared,
    "figures": FiguresSource.declared,
}


def build(entry: SourceEntry, folder: Path) -> Source:
    """The source of one `[[source]]` entry; relative paths begin at `folder`. Raises SettingsError or MappingError."""
    if entry.type not in SOURCES:
        raise SettingsError(f"source.{entry.name}.type: {shown(entry.type)} is no kind of source{suggestion(entry.type, SOURCES)}")
    return SOURCES[entry.type](entry, folder)
