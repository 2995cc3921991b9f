"""The words of the command line: the application every command joins, and the options many of them share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Intelligent Operations Center server.")

Json = Annotated[bool, typer.Option("--json", help="JSON for machines.")]
Demo = Annotated[bool, typer.Option("--demo", help="Ask the demo province's database.")]
Unit = Annotated[str | None, typer.Option(help="A unit's code; it is counted with all below it.")]
Period = Annotated[str, typer.Option(help="today, month, 2024-06, 2024-Q2, 2024-H1, 2024, 2016-01/2016-07, all …")]
AsOf = Annotated[str | None, typer.Option(help="An instant, ISO; without a zone it is Vietnamese time.")]
KnownAt = Annotated[str | None, typer.Option(help="As it was known at this instant, not as we know it now.")]
Reading = Annotated[str, typer.Option(help="now: by today's offices; then: by the offices as they were.")]
Compare = Annotated[str | None, typer.Option(help="How deadlines are compared: date or instant.")]
Configured = Annotated[Path, typer.Option("--config", help="The configuration, a TOML file.")]


def database(demo: bool) -> str:
    from ioc.commands.engines import DEMO, PRIVATE

    return DEMO if demo else PRIVATE


def question(
    unit: str | None, period: str, as_of: str | None, known_at: str | None = None, compare: str | None = None, reading: str = "now"
) -> Any:
    """A Question of ioc/answers.py from the options' words."""
    from ioc.answers import Question, instant

    if reading not in ("now", "then"):
        raise typer.BadParameter(f"{reading!r}: use now or then", param_hint="--reading")

    if compare not in (None, "date", "instant"):
        raise typer.BadParameter(f"{compare!r}: use date or instant", param_hint="--compare")
    rule: Literal["date", "instant"] | None = compare  # type: ignore[assignment]
    return Question(
        unit=unit,
        period=period,
        compare=rule,
        reading=reading,  # type: ignore[arg-type]
        as_of=instant(as_of) if as_of else None,
        known_at=instant(known_at) if known_at else None,
    )
