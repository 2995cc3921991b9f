"""One view asked for a page of its rows, in the order of (watermark, key). Called by the sql source, inside a Database's thread.

Statements are made of SQLAlchemy's own parts: names are quoted by the dialect, values are bound, no text of ours becomes SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnClause, Connection, Select, TableClause, and_, bindparam, column, false, literal_column, or_, select, table

from collectors.fields import Broken
from collectors.source import Refused, shown
from collectors.sql.stand import Row, Stand
from collectors.sql.values import Key, NoValue, plain, sort_of, type_of, weight

AT_ONCE = 200  # rows fetched in one go, so that a page of large ones is noticed in time


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view and what is read of it. `columns`: theirs that are wanted; `mark` "": it has no watermark. `size` rows and about `megabytes`
    are a page."""

    name: str
    schema: str | None
    key: str
    mark: str
    columns: tuple[str, ...]
    size: int
    megabytes: float
    zone: ZoneInfo
    table: TableClause = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", table(self.name, *(column(name) for name in self.read), schema=self.schema))

    @property
    def read(self) -> tuple[str, ...]:
        """The columns asked for: what is wanted, then key and watermark where they are not among it."""
        return tuple(dict.fromkeys((*self.columns, self.key, *filter(None, (self.mark,)))))

    def column(self, name: str) -> ColumnClause[Any]:
        found: ColumnClause[Any] = self.table.c[name]
        return found

    @property
    def order(self) -> tuple[ColumnClause[Any], ...]:
        return tuple(self.column(name) for name in (self.mark, self.key) if name)


@dataclass(slots=True)
class Rows:
    """A page: its records, where each stands, and whether there may be more after it."""

    records: list[object] = field(default_factory=list)
    at: list[Row] = field(default_factory=list)
    full: bool = False


def columns_of(name: str, schema: str | None) -> Callable[[Connection], list[str]]:
    """Asks which columns a view has."""
    statement: Select[Any] = select(literal_column("*")).select_from(table(name, schema=schema)).where(false())
    return lambda db: list(map(str, db.execute(statement).keys()))


def after(view: View, stand: Stand, since: Key | None, until: Key | None) -> Select[Any]:
    """The page after a stand, or from a watermark on (that one included), and before another."""
    asked = select(*(view.column(name) for name in view.read)).order_by(*view.order).limit(view.size)
    key = view.column(view.key)
    if not view.mark:
        return asked if stand.key is None else asked.where(key > _bound("key", stand.key))
    mark = view.column(view.mark)
    asked = asked.where(mark.is_not(None))
    if until is not None:
        asked = asked.where(mark < _bound("until", until))
    if stand.key is not None and stand.at is not None:
        at = _bound("at", stand.at)
        return asked.where(or_(mark > at, and_(mark == at, key > _bound("key", stand.key))))
    return asked if since is None else asked.where(mark >= _bound("since", since))


def unmarked(view: View) -> Select[Any]:
    """The rows whose watermark is empty, which no order finds."""
    asked = select(*(view.column(name) for name in view.read)).where(view.column(view.mark).is_(None))
    return asked.order_by(view.column(view.key)).limit(view.size)


def a_mark(view: View) -> Callable[[Connection], Key | None]:
    """Asks for any one watermark, to learn of which sort they are."""
    mark = view.column(view.mark)
    statement = select(mark).where(mark.is_not(None)).limit(1)
    return lambda db: db.execute(statement).scalar()


def page(view: View, asked: Select[Any]) -> Callable[[Connection], Rows]:
    """Reads a page. Raises BadValue when one of its rows cannot be handed over; then `span` reads the others."""

    def work(db: Connection) -> Rows:
        return _taken(view, (row for part in _parts(db, asked) for row in part))

    return work


def keys(view: View, asked: Select[Any]) -> Callable[[Connection], list[Sequence[Any]]]:
    """Reads where the rows of a page stand, and nothing else of them."""
    slim = asked.with_only_columns(*view.order)
    return lambda db: [tuple(row) for row in db.execute(slim)]


def span(view: View, first: Sequence[Any], last: Sequence[Any]) -> Select[Any]:
    """The rows that stand from `first` to `last`, both included; values of `view.order`, the watermark of both empty or of none."""
    asked = select(*(view.column(name) for name in view.read)).order_by(*view.order).limit(view.size)
    key, low, high = view.column(view.key), _bound("low", first[-1]), _bound("high", last[-1])
    if not view.mark:
        return asked.where(key >= low, key <= high)
    mark = view.column(view.mark)
    if first[0] is None or last[0] is None:
        return asked.where(mark.is_(None), key >= low, key <= high)
    begin, end = _bound("begin", first[0]), _bound("end", last[0])
    return asked.where(or_(mark > begin, and_(mark == begin, key >= low)), or_(mark < end, and_(mark == end, key <= high)))


def broken(view: View, stands: Sequence[Any], code: str) -> Rows:
    """In place of a row nobody can read: where it stands, and why it is none."""
    mark, key = (stands[0] if view.mark else None), stands[-1]
    why = f"the row whose {view.key} is {shown(str(key))} cannot be read: {code}"
    return Rows(records=[Broken(f"{mark}/{key}", why)], at=[(mark, key)])


def _parts(db: Connection, asked: Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    result = db.execution_options(stream_results=True, max_row_buffer=AT_ONCE).execute(asked)
    try:
        yield from result.partitions(AT_ONCE)
    finally:
        result.close()


def _taken(view: View, rows: Iterator[Sequence[Any]]) -> Rows:
    taken, size, limit = Rows(), 0, view.megabytes * 1_000_000
    for row in rows:
        values = dict(zip(view.read, row, strict=True))
        taken.at.append((_ordered(view.mark, values) if view.mark and values[view.mark] is not None else None, _ordered(view.key, values)))
        taken.records.append(_record(view, values))
        size += weight(row if isinstance(row, tuple) else tuple(row))
        if size > limit:
            taken.full = True
            return taken
    taken.full = len(taken.at) >= view.size
    return taken


def _record(view: View, values: Mapping[str, Any]) -> dict[str, Any]:
    record = {}
    for name in view.columns:
        try:
            record[name] = plain(values[name], view.zone)
        except NoValue as error:
            raise Refused(f"column {shown(name)} holds {error}, which nothing can be read from; leave it out of the mapping") from None
    return record


def _ordered(name: str, values: Mapping[str, Any]) -> Any:
    value = values[name]
    if not sort_of(value):
        what = "nothing" if value is None else f"a {type(value).__name__}"
        raise Refused(f"column {shown(name)} holds {what} in a row; a view is ordered by times, numbers or texts that are always there")
    return value


def _bound(name: str, value: Key) -> Any:
    return bindparam(name, value, type_=type_of(value))
