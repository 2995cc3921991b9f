"""What every explanation has, of whatever sort of number: the question it answers, and the definition as it is shown. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ioc.answers import Question
from ioc.explain.definition import Definition


def head(made: Definition, asked: Question, at: datetime) -> dict[str, Any]:
    return {
        "indicator": made.name, "unit": asked.unit, "period": asked.period, "compare": asked.compare or "as configured",
        "reading": asked.reading, "only": asked.only, "measured_in": made.measured_in, "as_of": at.isoformat(),
    }  # fmt: skip


def described(made: Definition) -> dict[str, Any]:
    """The definition, in both languages."""
    words = made.words
    return {
        "sort": made.sort, "vi": words.vi, "en": words.en, "about_vi": words.about_vi, "about_en": words.about_en, "basis": words.basis,
        "owner": words.owner, "version": made.version, "better": made.better, "measured_in": made.measured_in,
        "per_period": made.per_period, "predicate": made.predicate, "formula": made.formula,
    }  # fmt: skip


def iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
