"""Every option of every kind of source, from the declarations: `python -m collectors.options` writes docs/sources/options.md.

A test holds the page against this, so an option cannot be added without standing there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

from collectors.edxml.settings import EdxmlSettings
from collectors.rest_settings import RestSettings
from collectors.sources.dvcqg import DvcqgSettings
from collectors.sources.figures import FiguresSettings
from collectors.sources.files import FilesSettings
from collectors.sources.lgsp import LgspSettings
from collectors.sources.push import PushSettings
from collectors.sources.sql import SqlSettings
from collectors.wire_settings import WireSettings

SETTINGS: dict[str, type] = {
    "rest": RestSettings,
    "dvcqg": DvcqgSettings,
    "lgsp": LgspSettings,
    "edxml": EdxmlSettings,
    "sql": SqlSettings,
    "files": FilesSettings,
    "push": PushSettings,
    "figures": FiguresSettings,
}
HEAD = """# Options of each kind of source

Written from the declarations by `python -m collectors.options`. What every source has, whatever its kind, is on
[the first page](README.md); what an option is for is told on the page of its kind. Secrets are named (`*_env`: a variable of the
environment, `*_file`: a file), never written into the configuration. Times are in seconds.
"""


def page() -> str:
    """The whole page."""
    return "\n".join((HEAD, *(line for kind in SETTINGS for line in _section(kind))))


def _section(kind: str) -> Iterator[str]:
    made = SETTINGS[kind]
    shared = {each.name for each in fields(WireSettings)} if issubclass(made, WireSettings) else set()
    yield f"## [`{kind}`]({kind}.md)\n"
    yield "| option | default |\n|---|---|"
    yield from (f"| `{each.name}` | {_default(each)} |" for each in fields(made) if each.name not in shared)
    if shared:
        limits = ", ".join(f"`{each.name}` ({_default(each)})" for each in fields(made) if each.name in shared)
        yield f"\nLimits and pace: {limits}."
    yield ""


def _default(each: Field[Any]) -> str:
    value = each.default_factory() if each.default_factory is not MISSING else each.default
    if value is MISSING:
        return "required"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, frozenset | set | tuple | list):
        return ", ".join(f"`{one}`" for one in sorted(map(str, value)))
    return f"`{value:g}`" if isinstance(value, int | float) else f"`{value}`" if value not in ("", {}, None) else ""


if __name__ == "__main__":
    print(page(), end="")
