"""What is said of a change: as JSON, and in words, Vietnamese first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from ioc.breakdown.dimensions import UNIT
from ioc.indicators import BY_NAME, RATE_BY_NAME
from ioc.periods import VIETNAM
from ioc.why.moved import WORDS, Movement
from ioc.why.run import Contribution, Why
from ioc.why.shares import HUNDREDTHS, Counted, printed

TOP = 10


def plain(one: Why, top: int = TOP) -> dict[str, Any]:
    """The answer for machines. Numbers of a rate are per cent and percentage points; the parts and the others sum to `change`."""
    change = one.asked
    shown, others = one.parts[:top], one.parts[top:]
    words = (RATE_BY_NAME[change.indicator] if change.is_rate else BY_NAME[change.indicator]).words
    vi, en = in_words(one)
    return {
        "indicator": change.indicator, "vi": vi, "en": en, "title_vi": words.vi, "title_en": words.en, "unit": change.until.unit,
        "measured_in": "%" if change.is_rate else BY_NAME[change.indicator].measured_in, "by": change.by.name, "known": change.known,
        "from": _moment(one, 0), "to": _moment(one, 1), "change": _number(one, one.change),
        "parts": [_part(one, part) for part in shown],
        "others": {"parts": len(others), **_sums(one, others)} if others else None,
        "movement": _movement(one.movement),
    }  # fmt: skip


def _moment(one: Why, side: int) -> dict[str, Any]:
    question = (one.asked.since, one.asked.until)[side]
    return {
        "at": one.moments[side].isoformat(), "period": question.period, "value": _number(one, (one.before, one.after)[side]),
        "list": _list(one, side, question.unit),
    }  # fmt: skip


def _list(one: Why, side: int, unit: str | None, only: str = "") -> str:
    """Where the items behind one side are listed."""
    question, at = (one.asked.since, one.asked.until)[side], one.moments[side].isoformat()
    asked = {
        "indicator": one.asked.indicator,
        "unit": unit,
        "only": only,
        "period": question.period,
        "as_of": at,
        "compare": question.compare,
    }
    asked |= {"reading": question.reading, "known_at": at if one.asked.known == "then" else None}
    return "/api/v1/items?" + urlencode({name: value for name, value in asked.items() if value})


def _part_list(one: Why, side: int, part: Contribution) -> str:
    if one.asked.by.name == UNIT:
        return _list(one, side, part.key or None, "own" if part.own else "")
    question = (one.asked.since, one.asked.until)[side]
    path = _list(one, side, question.unit).replace("/api/v1/items?", "/api/v1/breakdown/items?")
    return f"{path}&{urlencode({'by': one.asked.by.name, 'part': part.key})}"


def _part(one: Why, part: Contribution) -> dict[str, Any]:
    told: dict[str, Any] = {"part": part.key or None, "vi": _named(one, part)[0], "en": _named(one, part)[1]}
    if one.asked.is_rate:
        told |= {"before": _rate(part.before), "after": _rate(part.after), "mix": part.mix / HUNDREDTHS, "rate": part.rate / HUNDREDTHS}
        told |= {"whole_before": part.before.whole, "whole_after": part.after.whole}
    else:
        told |= {"before": part.before.part, "after": part.after.part}
    return told | {"change": _number(one, part.change), "list_before": _part_list(one, 0, part), "list_after": _part_list(one, 1, part)}


def _sums(one: Why, parts: Sequence[Contribution]) -> dict[str, Any]:
    return {"change": _number(one, sum(part.change for part in parts))}


def _movement(movement: Movement) -> dict[str, Any]:
    def side(tally: dict[str, int]) -> list[dict[str, Any]]:
        return [
            {"what": what, "vi": WORDS[what].vi, "en": WORDS[what].en, "items": n} for what, n in sorted(tally.items(), key=lambda e: -e[1])
        ]

    named = [(item.entered, {"source": item.source, "code": item.code, "what": item.what}) for item in movement.named]
    return {
        "entered": sum(movement.entered.values()), "left": sum(movement.left.values()),
        "entered_by": side(movement.entered), "left_by": side(movement.left),
        "entered_items": [item for entered, item in named if entered], "left_items": [item for entered, item in named if not entered],
    }  # fmt: skip


def _number(one: Why, value: int | None) -> float | int | None:
    return value / HUNDREDTHS if value is not None and one.asked.is_rate else value


def _rate(counted: Counted) -> float | None:
    value = printed(counted)
    return None if value is None else value / HUNDREDTHS


def _named(one: Why, part: Contribution) -> tuple[str, str]:
    if one.asked.by.name == UNIT:
        return part.vi, part.en
    words = one.asked.by.of(part.key)
    return words.vi, words.en


def in_words(one: Why, top: int = 3) -> tuple[str, str]:
    """ "Hồ sơ quá hạn +38 (120 → 158): P. Tân Hòa +14, …", and the same in English."""
    words = (RATE_BY_NAME[one.asked.indicator] if one.asked.is_rate else BY_NAME[one.asked.indicator]).words
    if one.change is None:
        return f"{words.vi}: chưa xác định, không có hồ sơ để chia", f"{words.en}: not determined, there is nothing to divide by"
    unit = (" điểm %", " points") if one.asked.is_rate else ("", "")
    said = []
    for lang, title in enumerate((words.vi, words.en)):
        values = [_written(one, value, lang) for value in (one.before, one.after)]
        head = f"{title} {_signed(one, one.change, lang)}{unit[lang]} ({values[0]} → {values[1]})"
        moving = [part for part in one.parts if part.change]
        parts = [f"{_named(one, part)[lang]} {_signed(one, part.change, lang)}" for part in moving[:top]]
        if rest := moving[top:]:
            left = _signed(one, sum(part.change for part in rest), lang)
            parts.append(f"{len(rest)} phần khác {left}" if lang == 0 else f"{len(rest)} others {left}")
        said.append(f"{head}: {', '.join(parts)}" if parts else head)
    return said[0], said[1]


def _written(one: Why, value: int | None, lang: int) -> str:
    if value is None:
        return "—"
    text = f"{value / HUNDREDTHS:,.2f} %" if one.asked.is_rate else f"{value:,}"
    return text if lang else text.translate(str.maketrans(",.", ".,"))


def _signed(one: Why, value: int, lang: int) -> str:
    text = f"{abs(value) / HUNDREDTHS:,.2f}" if one.asked.is_rate else f"{abs(value):,}"
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return sign + (text if lang else text.translate(str.maketrans(",.", ".,")))


def local(at: datetime) -> str:
    """An instant as people in Vietnam write it."""
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
