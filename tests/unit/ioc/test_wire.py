"""The JSON contract: the TypeScript beside the screens is the one this file makes, and says what Python says."""

from __future__ import annotations

from pathlib import Path

from ioc import wire
from ioc.typescript import typescript

WIRE_TS = Path(__file__).parents[3] / "web" / "src" / "wire.ts"


def test_the_generated_file_is_up_to_date() -> None:
    assert WIRE_TS.read_text(encoding="utf-8") == typescript(), "run `make wire`"


def test_types_are_translated() -> None:
    made = typescript()
    for line in (
        "  as_of: number | null;",
        "  cov: [number, number];",
        "  tgt?: Target;",
        "  del?: string[];",
        "  [key: `kpi.${string}`]: Kpi;",
        "  y: (number | null)[];",
        'export const TOPICS = ["overview", "sources", "alerts", "ticker"] as const;',
    ):
        assert line in made


def test_every_close_code_has_its_reason() -> None:
    assert {4401, 4403, 4408, 4409, 4429, 1012} <= wire.CLOSES.keys()
