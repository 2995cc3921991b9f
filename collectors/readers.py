"""load(): the mapping a source names, whatever it makes of records: figures where the file has [figures], else items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from collectors import figure_declaring, mapping
from collectors.declaring import read_file
from collectors.reading import Reader


def load(path: Path) -> Reader:
    """The mapping in a TOML file. Raises MappingError naming the file."""
    return read_file(path, compile)


def compile(declared: dict[str, Any]) -> Reader:
    """A mapping from plain values. Raises MappingError."""
    return figure_declaring.compile(declared) if "figures" in declared else mapping.compile(declared)
