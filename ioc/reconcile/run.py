"""Published figures held against ours: each is found, counted, compared, and where it differs explained. Called for the command line, the
interface and the round every ten minutes; reads only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ioc import figures
from ioc.catalogue import load
from ioc.db import Connection
from ioc.indicators import rate
from ioc.periods import VIETNAM, period
from ioc.reconcile import told
from ioc.reconcile.counting import Basis, anything, counts
from ioc.reconcile.declared import Ours, ours
from ioc.reconcile.explain import around, of_count, of_rate
from ioc.reconcile.place import Place, find
from ioc.reconcile.published import Published
from ioc.reconcile.sums import Check, checks
from ioc.reconcile.verdict import Line, Report, Verdict, agrees, worst_first

MOST_EXPLAINED = 40  # differences looked into in one run, the largest first; explaining one asks for some ten counts

# Sources that were alive when the publisher counted: one that was imported once, long ago, keeps nobody waiting.
_READ_TO = "select min(learned_at) from cursors where source = any(%(sources)s) and learned_at > %(at)s::timestamptz - interval '1 day'"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A published figure that can be counted from items."""

    published: Published
    ours: Ours
    place: Place
    basis: Basis


async def reconcile(
    db: Connection, listed: Iterable[Published], now: datetime, *, most: int = MOST_EXPLAINED, zone: ZoneInfo = VIETNAM
) -> Report:
    """Every figure with its verdict, the unexplained first."""
    sheet, catalogue = list(listed), await load(db, now.astimezone(zone).date())
    lines: list[Line] = []
    asked: list[_Asked] = []
    for one in sheet:
        mine = ours(one.figure)
        if mine is None:
            lines.append(Line(published=one, verdict=Verdict.SHOWN))
            continue
        basis = _basis(one, now, zone)
        place = find(catalogue, one, basis.at.astimezone(zone).date()) if catalogue else None
        if place is None:
            lines.append(
                _not_yet(
                    one, "đơn vị không có trong danh mục, hoặc trùng tên", "its unit is not in the catalogue, or its name is of several"
                )
            )
        elif mine.counted:
            asked.append(_Asked(published=one, ours=mine, place=place, basis=replace(basis, units=place.keys)))
        else:
            lines.append(await _told(db, one, mine, place, now))
    lines += await _counted(db, asked, most)
    return Report(at=now, lines=tuple(worst_first(lines)), checks=tuple(_checked(sheet)))


def _checked(sheet: Sequence[Published]) -> list[Check]:
    names = dict.fromkeys(one.set_name for one in sheet)
    return [check for name in names for check in checks(one for one in sheet if one.set_name == name)]


def _basis(one: Published, now: datetime, zone: ZoneInfo) -> Basis:
    """Judged when its publisher counted: at the cut-off it names, else when its period ended, or now while it runs."""
    span = period(one.period, one.cut_off or now, zone)
    return Basis(span=span, at=min(one.cut_off or span.last_instant, now))


async def _told(db: Connection, one: Published, mine: Ours, place: Place, now: datetime) -> Line:
    """A figure that is reported, not counted. Indices nobody reports to us are shown as they were published."""
    value = await told.value(db, mine, place, period(one.period, now), now)
    if value is None:
        if all(figures.BY_NAME[name].over_units == "own" for name in mine.told) and mine.told:
            return Line(published=one, verdict=Verdict.SHOWN, unit=place.code)
        return replace(_not_yet(one, "chưa nguồn nào báo cáo số này cho kỳ đó", "no source reported it for that period"), unit=place.code)
    difference = round(one.value - value, 6)
    if agrees(value, one.value, at_least=mine.at_least):
        return Line(published=one, verdict=Verdict.EQUAL, ours=value, unit=place.code, difference=difference)
    return Line(
        published=one, verdict=Verdict.UNEXPLAINED, ours=value, unit=place.code, difference=difference, rest=difference,
        vi="nguồn báo cáo số khác", en="a source reports another number",
    )  # fmt: skip


async def _counted(db: Connection, asked: Sequence[_Asked], most: int) -> list[Line]:
    """Figures counted from items: one count for all that share a basis, then the differences, the largest first."""
    wanted: dict[Basis, set[str]] = {}
    kinds: dict[tuple[Basis, str], bool] = {}
    for one in asked:
        wanted.setdefault(one.basis, set()).update((*one.ours.counts, *filter(None, [one.ours.whole])))
        kinds[one.basis, one.ours.kind] = True
    found = {basis: await counts(db, basis, names) for basis, names in wanted.items()}
    for basis, kind in kinds:
        kinds[basis, kind] = await anything(db, basis, kind)
    lines: list[tuple[_Asked, Line]] = []
    apart: list[tuple[_Asked, Line]] = []
    for one in asked:
        value = _value(one.ours, found[one.basis])
        line = _compared(one, value, there=kinds[one.basis, one.ours.kind])
        (apart if line.verdict is Verdict.UNEXPLAINED else lines).append((one, line))
    apart.sort(key=lambda pair: -abs(pair[1].difference))
    looked = [(one, await _explained(db, one, line)) for one, line in apart[:most]]
    vi, en = f"chưa xét: quá {most} số lệch", f"not looked into: more than {most} differ"
    return [line for _, line in (*lines, *looked)] + [replace(line, vi=vi, en=en) for _, line in apart[most:]]


def _value(mine: Ours, found: dict[str, int]) -> float | None:
    total = sum(found[name] for name in mine.counts)
    return rate(total, found[mine.whole]) if mine.whole else total


def _compared(asked: _Asked, value: float | None, *, there: bool) -> Line:
    one, mine = asked.published, asked.ours
    counted = (*mine.counts, *filter(None, [mine.whole]))
    if value is None or not there:
        line = _not_yet(one, "chưa có hồ sơ nào của đơn vị và kỳ này", "there is no item of that unit and period here")
        return replace(line, at=asked.basis.at, unit=asked.place.code, counts=counted)
    same = agrees(value, one.value, at_least=mine.at_least)
    difference = round(one.value - value, 2)
    return Line(
        published=one, verdict=Verdict.EQUAL if same else Verdict.UNEXPLAINED, ours=value, at=asked.basis.at, difference=difference,
        rest=0 if same else difference, unit=asked.place.code, counts=counted,
    )  # fmt: skip


async def _explained(db: Connection, asked: _Asked, line: Line) -> Line:
    """A difference with its causes. What our sources have not read up to the publisher's instant cannot be compared yet."""
    known = await around(db, asked.basis, asked.ours.kind, asked.place.trees)
    row = await (await db.execute(_READ_TO, {"sources": list(known.sources), "at": asked.basis.at})).fetchone()
    if row and row[0] is not None and row[0] < asked.basis.at:
        since = f"{row[0].astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
        behind = _not_yet(
            asked.published, f"các nguồn mới đọc đến {since}, trước lúc chốt số", f"our sources were read up to {since}, before their count"
        )
        return replace(behind, ours=line.ours, at=line.at, difference=line.difference, unit=line.unit, counts=line.counts)
    explain = of_rate if asked.ours.whole else of_count
    given = line.ours if asked.ours.whole else line.difference
    found = await explain(db, asked.published, asked.ours, asked.basis, given or 0, known)
    verdict = Verdict.UNEXPLAINED if abs(found.rest) >= 0.005 else Verdict.EXPLAINED
    return replace(line, verdict=verdict, causes=found.causes, rest=found.rest, possible=found.possible)


def _not_yet(one: Published, vi: str, en: str) -> Line:
    return Line(published=one, verdict=Verdict.NOT_YET, vi=vi, en=en)
