"""The source `figures`: systems that only report numbers, asked for a period and, where they want it, a unit at a time.

Each poll asks for the present period and some before it, because reports are corrected. The cursor remembers by its hash what each
question was answered with, so an answer that says the same again writes nothing, and a stop between two questions loses nothing. Into
each record goes what was asked for, as `@period` and `@unit`, for answers that do not repeat it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import orjson

from collectors.answer import Envelope, open_envelope
from collectors.auth import Auth, Open, Request
from collectors.credentials import CallerSettings
from collectors.figure_mapping import FigureMapping
from collectors.http import Reply, connected
from collectors.pace import Pace
from collectors.questions import Question, between, check, filled, present, slots_of
from collectors.readers import load
from collectors.reading import Read
from collectors.settings import settle
from collectors.source import Refused, SettingsError, Unavailable
from collectors.wire_settings import check_address, check_path
from ioc.config import SourceEntry
from ioc.model import Batch

AT_ONCE = 200  # records read without leaving the event loop; more go to a thread, so that screens are not held up
MOST_RECORDS = 100_000  # in one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresSettings(CallerSettings):
    """The options of a `figures` source. `url`, `params`, `form` and `json` hold the slots of questions.py.

    `step`: how long one asked period is; `back`: how many periods before the present are asked for too. `date`: strftime's form of
    {day}, {from} and {to}. `units`: what {unit} goes through. `max_calls`: a poll that would ask more often is refused at start.
    The paths into the answer, the error codes and the credentials are as in `rest`.
    """

    url: str
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] | None = None
    json: dict[str, Any] | None = None
    step: Literal["day", "month", "quarter", "half", "year"] = "day"
    back: int = 0
    date: str = "%Y-%m-%d"
    units: tuple[str, ...] = ()
    max_calls: int = 200
    records: str = ""
    as_of: str = ""
    error_code: str = "error_code"
    message: str = "message"
    refused_codes: frozenset[str] = frozenset()
    expired_codes: frozenset[str] = frozenset({"401"})

    def check(self, source: str) -> None:
        """What types alone cannot say. Raises SettingsError."""
        check_address(source, "url", self.url)
        self.check_wire(source)
        for name in ("records", "as_of", "error_code", "message"):
            check_path(f"source.{source}.{name}", getattr(self, name))
        if (self.form is not None or self.json is not None) != (self.method == "POST") or None not in (self.form, self.json):
            raise SettingsError(f'source.{source}: method = "POST" needs exactly one of form and json, "GET" neither; correct them')
        if not self.back >= 0 or (self.back + 1) * max(1, len(self.units)) > self.max_calls:
            calls = (self.back + 1) * max(1, len(self.units))
            raise SettingsError(
                f"source.{source}: {calls} calls a poll, 1 to max_calls = {self.max_calls} are allowed; correct back or units"
            )
        check(source, self.asks, self.step, self.back, self.units)

    @property
    def asks(self) -> set[str]:
        """The slots it uses."""
        return slots_of([self.url, self.params, self.form, self.json])

    def request(self, question: Question, version: str) -> Request:
        words = question.words(self.date)
        return Request(
            url=filled(self.url, words, quoted=True),
            method=self.method,
            params=filled(self.params, words),
            form=filled(self.form, words),
            json=filled(self.json, words, numbers=True),
            version=version,
        )

    @property
    def envelope(self) -> Envelope:
        return Envelope(
            records=self.records,
            as_of=self.as_of,
            error=self.error_code,
            message=self.message,
            refused=self.refused_codes,
            expired=self.expired_codes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresSource:
    """One system. `auth` and `pace` last from poll to poll; `versions` are the ETags of what is stored, by question."""

    name: str
    mapping: FigureMapping
    settings: FiguresSettings
    auth: Auth = field(default_factory=Open)
    pace: Pace = field(default_factory=Pace)
    versions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def declared(cls, entry: SourceEntry, folder: Path) -> FiguresSource:
        """The source of a configuration entry; paths are relative to `folder`. Raises SettingsError or MappingError."""
        settings = settle(FiguresSettings, entry.options, entry.name)
        settings.check(entry.name)
        mapping = load(folder / entry.mapping)
        if not isinstance(mapping, FigureMapping):
            raise SettingsError(f"source.{entry.name}.mapping: {entry.mapping} has no [figures]; name one that has")
        if mapping.relative and settings.back:
            raise SettingsError(f"source.{entry.name}.back: its mapping takes every answer for the present; leave back out")
        auth = settings.auth(entry.name, entry.options, folder)
        return cls(name=entry.name, mapping=mapping, settings=settings, auth=auth, pace=settings.pace)

    async def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """The answer to each question, a batch each; one that says what is stored already is a batch without figures."""
        settings = self.settings
        questions = present(settings.step, settings.back, settings.units, now, self.mapping.zone)
        before, stored = _stored(cursor), dict[str, str]()
        stored.update((each.key, before[each.key]) for each in questions if each.key in before)
        for key in self.versions.keys() - stored.keys():
            del self.versions[key]
        async with connected(self.auth, settings.limits, settings.envelope, self.pace) as session:
            for question in questions:
                reply = await session.ask(settings.request(question, self.versions.get(question.key, "")))
                if not reply.changed:
                    yield Batch(position=_position(stored))
                    continue
                batch, mark = await self._batch(reply, question, now)
                known, stored[question.key] = stored.get(question.key) == mark, mark
                yield _placed(batch, _position(stored), empty=known)
                self.versions[question.key] = reply.version  # now that it is stored

    async def fetch_between(self, since: datetime, until: datetime, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """Every period that touches [since, until) and has begun, the oldest first; the position is the question answered last."""
        settings = self.settings
        if self.mapping.relative or not settings.asks - {"unit"}:
            raise Refused(f"source {self.name} reports the present only; what was cannot be asked for")
        questions = list(between(settings.step, settings.units, since, min(until, now), self.mapping.zone))
        answered = next((n for n, each in enumerate(questions, 1) if each.key == cursor), 0)
        async with connected(self.auth, settings.limits, settings.envelope, self.pace) as session:
            for question in questions[answered:]:
                batch, _ = await self._batch(await session.ask(settings.request(question, "")), question, now)
                yield _placed(batch, question.key)

    async def _batch(self, reply: Reply, question: Question, now: datetime) -> tuple[Batch, str]:
        """An answer, opened and read, and the hash of what it says."""
        answer = open_envelope(reply.content, self.settings.envelope, self.mapping.zone)
        if len(answer.records) > MOST_RECORDS:
            raise Unavailable(f"an answer of {len(answer.records)} records, at most {MOST_RECORDS} were expected; ask for less at once")
        records = [_asked(record, question) for record in answer.records]
        few = len(records) <= AT_ONCE
        read = self.mapping.read_all(records, now) if few else await asyncio.to_thread(self.mapping.read_all, records, now)
        fields = frozenset(name for name in read.fields if not name.startswith("@"))
        return Batch(position=None, figures=read.figures, bad=read.bad, fields=fields, as_of=answer.as_of), _mark(read)


def _asked(record: object, question: Question) -> object:
    """A record that says what was asked for."""
    return {**record, "@period": question.period, "@unit": question.unit or None} if isinstance(record, dict) else record


def _placed(batch: Batch, position: str, *, empty: bool = False) -> Batch:
    if empty:
        return Batch(position=position, fields=batch.fields, as_of=batch.as_of)
    return Batch(position=position, figures=batch.figures, bad=batch.bad, fields=batch.fields, as_of=batch.as_of)


def _mark(read: Read) -> str:
    """The hash of what was read, without when it was reported: a number reported again is the same number."""
    figures = sorted((f.unit, f.period, f.name, f.value) for f in read.figures)
    return hashlib.sha256(orjson.dumps([figures, sorted(bad.raw_hash for bad in read.bad)])).hexdigest()[:16]


def _position(stored: dict[str, str]) -> str:
    return orjson.dumps({"answers": stored}, option=orjson.OPT_SORT_KEYS).decode()


def _stored(cursor: str | None) -> dict[str, str]:
    """The hash of each answer stored; none where the cursor cannot be read, which costs time and loses nothing."""
    try:
        found = orjson.loads(cursor or "{}")
    except orjson.JSONDecodeError:
        return {}
    answers = found.get("answers") if isinstance(found, dict) else None
    return {str(key): str(mark) for key, mark in answers.items()} if isinstance(answers, dict) else {}
