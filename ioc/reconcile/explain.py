"""What makes a difference: every hypothesis asked of the database, until the difference is made up to the last dossier. Called by run.py.

Where the publisher says which dossiers it counted, each dossier is explained by itself; else the causes must fit the number exactly.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ioc.db import Connection
from ioc.indicators import rate
from ioc.reconcile.causes import Around, Cause, Effect, attributed, hypotheses
from ioc.reconcile.counting import Basis, Difference, Dossier, against_codes, counted_of, counts, difference, held, known_before
from ioc.reconcile.declared import Ours
from ioc.reconcile.published import Published
from ioc.reconcile.verdict import agrees

RECEIVED = ("dossiers_received",)

_WAITING = """
select source, code from quarantine q
where resolved_at is null and source = any(%(sources)s) and code is not null and (record ? '$figure') is not true
  and not exists (select from items i where i.source = q.source and i.code = q.code)
order by source, code limit 1001"""
_QUARANTINED = "select distinct code from quarantine where resolved_at is null and code = any(%s)"
_SOURCES = "select distinct source from items where kind = %(kind)s::item_kind and unit = any(%(units)s) order by source"
_PORTAL = "select exists (select from items where kind = 'mirror' and unit = any(%s))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The causes that make the difference, what is left of it, and those that might be meant but do not fit."""

    causes: tuple[Effect, ...] = ()
    rest: float = 0
    possible: tuple[Effect, ...] = ()


async def around(db: Connection, basis: Basis, kind: str, trees: tuple[tuple[str, str, tuple[int, ...]], ...]) -> Around:
    """What other ways of counting there are at all for a unit."""
    units = list(basis.units or ())
    sources = await (await db.execute(_SOURCES, {"kind": kind, "units": units})).fetchall()
    row = await (await db.execute(_PORTAL, [units])).fetchone()
    return Around(trees=trees, sources=tuple(source for (source,) in sources), portal=bool(row and row[0]))


async def of_count(db: Connection, one: Published, ours: Ours, basis: Basis, missing: float, known: Around) -> Explained:
    """Why a count misses `missing` (theirs less ours)."""
    if one.listed and one.key is not None:
        return await _by_code(db, one.key, ours, basis, missing, known)
    effects: list[Effect] = []
    for asked in hypotheses(basis, ours, known):
        found = await difference(db, basis, ours.counts, asked.basis, asked.counts)
        if found.more or found.fewer:
            effects.append(Effect(cause=asked.cause, change=found.change, vi=asked.vi, en=asked.en, of=found))
        if found.change == missing:
            break
    waiting = await _quarantined(db, known.sources)
    chosen = attributed(missing, [*effects, *(waiting if ours.counts == RECEIVED else ())])  # what else they would count as nobody knows
    causes = tuple([part for effect in chosen for part in await _since(db, effect, basis)])
    return Explained(causes=causes, rest=missing - sum(effect.change for effect in chosen), possible=() if chosen else (*effects, *waiting))


async def of_rate(db: Connection, one: Published, ours: Ours, basis: Basis, value: float, known: Around) -> Explained:
    """Why a rate is another: the first other way of counting under which it is the published one."""
    tried: list[Effect] = []
    for asked in hypotheses(basis, ours, known):
        found = await counts(db, asked.basis, {*asked.counts, ours.whole})
        other = rate(sum(found[name] for name in asked.counts), found[ours.whole])
        if other is None or other == value:
            continue
        effect = Effect(cause=asked.cause, change=round(other - value, 2), vi=asked.vi, en=asked.en)
        if agrees(other, one.value, at_least=ours.at_least):
            named = await difference(db, basis, ours.counts, asked.basis, asked.counts)
            return Explained(causes=(replace(effect, of=named),))
        tried.append(effect)
    return Explained(rest=round(one.value - value, 2), possible=tuple(tried))


async def _since(db: Connection, effect: Effect, basis: Basis) -> list[Effect]:
    """What was learned after the cut-off, split: dossiers that came after it, and those that changed."""
    if effect.cause is not Cause.LAG or effect.of is None or not effect.of.listed:
        return [effect]
    known = await known_before(db, basis.at, effect.dossiers)

    def part(cause: Cause, *, before: bool) -> Effect:
        sides = [tuple(d for d in side if ((d.source, d.code) in known) is before) for side in (effect.of.added, effect.of.left_out)]  # type: ignore[union-attr]
        found = Difference(more=len(sides[0]), fewer=len(sides[1]), added=sides[0], left_out=sides[1])
        return Effect(cause=cause, change=found.change, of=found)

    return [one for one in (part(Cause.LAG, before=False), part(Cause.CHANGED, before=True)) if one.dossiers]


async def _quarantined(db: Connection, sources: Sequence[str]) -> list[Effect]:
    """The records waiting in quarantine of the systems that feed a unit: were they read, each might count one more."""
    rows = await (await db.execute(_WAITING, {"sources": list(sources)})).fetchall()
    if not rows or len(rows) > 1000:
        return []
    waiting = tuple(Dossier(code=code, source=source) for source, code in rows)
    found = Difference(more=len(waiting), fewer=0, added=waiting)
    return [Effect(cause=Cause.QUARANTINED, change=len(waiting), of=found)]


async def _by_code(db: Connection, key: int, ours: Ours, basis: Basis, missing: float, known: Around) -> Explained:
    """Each dossier on one list only, with the first cause that accounts for it."""
    apart = await against_codes(db, basis, ours.counts, key)
    lacking, extra = {one.code: one for one in apart.added}, {one.code: one for one in apart.left_out}
    effects: list[Effect] = []

    def settle(cause: Cause, vi: str, en: str, more: Collection[Dossier], fewer: Collection[Dossier] = ()) -> None:
        if more or fewer:
            found = Difference(more=len(more), fewer=len(fewer), added=tuple(more), left_out=tuple(fewer))
            effects.append(Effect(cause=cause, change=found.change, vi=vi, en=en, of=found))
        for one in (*more, *fewer):
            lacking.pop(one.code, None)
            extra.pop(one.code, None)

    for asked in hypotheses(basis, ours, known):
        if not lacking and not extra:
            break
        so = await counted_of(db, asked.basis, asked.counts, [*lacking, *extra])
        settle(asked.cause, asked.vi, asked.en, [so[c] for c in lacking if c in so], [extra[c] for c in extra if c not in so])
    waiting = {code for (code,) in await (await db.execute(_QUARANTINED, [list(lacking)])).fetchall()} if lacking else set()
    settle(Cause.QUARANTINED, "", "", [lacking[code] for code in waiting])
    here = await held(db, lacking) if lacking else {}
    settle(Cause.HELD, "", "", [here[code] for code in lacking if code in here])
    settle(Cause.NEVER_READ, "", "", list(lacking.values()))
    causes = tuple([part for effect in effects for part in await _since(db, effect, basis)])
    return Explained(causes=causes, rest=missing - sum(effect.change for effect in effects))
