"""One row of the benchmarks' table, and the table for people and for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`ratio`: how much better than `against`, which was measured in the same run; `must` and `stretch` are what it should reach."""

    id: str
    what: str
    against: str
    ratio: float
    must: float
    stretch: float
    met: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


def show(results: Sequence[Result]) -> None:
    table = Table("id", "what", "against", "ratio", "must", "stretch", "met", "measured")
    for one in results:
        facts = "\n".join(f"{name} = {value}" for name, value in one.facts.items())
        table.add_row(
            one.id, one.what, one.against, f"{one.ratio:g}", f"{one.must:g}", f"{one.stretch:g}", "yes" if one.met else "NO", facts
        )
    Console(width=170).print(table)


def write(results: Sequence[Result], path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in results], ensure_ascii=False, indent=2), encoding="utf-8")
