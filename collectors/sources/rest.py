"""The source `rest`: a department system's list of dossiers over HTTP and JSON, page by page.

The list must be ordered by (last change, code) and answer "changed since" with that instant included; the cursor is a Place
(collectors/walk.py): the latest change seen in the server's own words and, in the middle of a walk, where it goes on. Each page is
its own batch, so a stop between two pages resumes at the second. A little overlap is read again each time, for systems that commit
late. Systems that hand out a `next` token are followed by it; a token that no longer holds begins the walk anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from collectors.answer import Answer, Envelope, open_envelope
from collectors.auth import Auth, Bearer, Login, Open
from collectors.fields import as_text, find
from collectors.http import Limits, Session, connected
from collectors.mapping import load
from collectors.reading import Mapping as Declared
from collectors.reading import Read
from collectors.rows import read_rows
from collectors.settings import secret_of, settle
from collectors.source import BadItem, Refused, SettingsError, Unavailable, shown
from collectors.walk import Page, Place, Route, Seen, step
from ioc.config import SourceEntry
from ioc.model import Batch

STALE_TOKEN = frozenset({400, 404, 410})
AT_ONCE = 200  # records read without leaving the event loop; more go to a thread, so that screens are not held up


@dataclass(frozen=True, slots=True, kw_only=True)
class RestSettings:
    """The options of a `rest` source. `updated`: their field for the last change of a record; "" reads the whole list each time.

    `ordered`: the list comes in the order of that field. `paging`: "page" counts pages, "next" follows a token in the answer,
    "none" is one answer. A `*_param` set to "" is not sent. Sizes are records a page: `size` from poll to poll, up to `max_size`
    when catching up; `overlap` in seconds. `records`, `next`, `total` and `as_of` are paths into the answer. Times in seconds.
    Secrets are named, never written here.
    """

    url: str
    paging: Literal["page", "next", "none"] = "page"
    updated: str = ""
    ordered: bool = True
    since_param: str = "since"
    page_param: str = "page"
    size_param: str = "size"
    next_param: str = "next"
    first_page: int = 1
    size: int = 500
    max_size: int = 5000
    overlap: float = 1.0
    params: dict[str, str] = field(default_factory=dict)
    records: str = ""
    next: str = "next"
    total: str = ""
    as_of: str = ""
    error_code: str = "error_code"
    message: str = "message"
    refused_codes: frozenset[str] = frozenset()
    expired_codes: frozenset[str] = frozenset({"401"})
    token_env: str = ""
    token_file: str = ""
    login: str = ""
    username: str = ""
    password_env: str = ""
    password_file: str = ""
    grant: Literal["password", "client_credentials"] = "password"
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    timeout: float = 60.0
    max_megabytes: float = 32.0

    def check(self, source: str) -> None:
        """What types alone cannot say. Raises SettingsError."""
        if "://" not in self.url or "@" in self.url.split("://", 1)[1].split("/", 1)[0]:
            raise SettingsError(f"source.{source}.url: {shown(self.url)}; write http(s)://host/path, and credentials as token_env or login")
        if not 1 <= self.size <= self.max_size:
            raise SettingsError(f"source.{source}.size: {self.size} is not from 1 to max_size ({self.max_size}); correct one of them")
        if self.login and (self.token_env or self.token_file):
            raise SettingsError(f"source.{source}.login: a token is given too; keep one of the two")
        if min(self.connect_timeout, self.read_timeout, self.timeout, self.max_megabytes) <= 0 or self.overlap < 0:
            raise SettingsError(f"source.{source}: timeouts and max_megabytes must be above 0, overlap at least 0; correct them")

    @property
    def limits(self) -> Limits:
        return Limits(connect=self.connect_timeout, read=self.read_timeout, total=self.timeout, size=round(self.max_megabytes * 1_000_000))

    @property
    def envelope(self) -> Envelope:
        return Envelope(
            records=self.records,
            next=self.next if self.paging == "next" else "",
            total=self.total,
            as_of=self.as_of,
            error=self.error_code,
            message=self.message,
            refused=self.refused_codes,
            expired=self.expired_codes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RestSource:
    """One system; `auth` keeps its session from poll to poll."""

    name: str
    mapping: Declared
    settings: RestSettings
    auth: Auth = field(default_factory=Open)

    @classmethod
    def declared(cls, entry: SourceEntry, folder: Path) -> RestSource:
        """The source of a configuration entry; paths are relative to `folder`. Raises SettingsError or MappingError."""
        settings = settle(RestSettings, entry.options, entry.name)
        settings.check(entry.name)
        return cls(
            name=entry.name,
            mapping=load(folder / entry.mapping),
            settings=settings,
            auth=_auth(entry.name, settings, entry.options, folder),
        )

    async def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """Pages from the cursor to the end of the list, each a batch. See collectors.source.Source."""
        settings = self.settings
        walk = {"page": self._by_page, "next": self._by_token, "none": self._at_once}[settings.paging]
        async with (
            connected(self.auth, settings.limits, settings.envelope) as session,
            aclosing(walk(session, Place.of(cursor), now)) as batches,
        ):
            async for batch in batches:
                yield batch

    async def _by_page(self, session: Session, place: Place, now: datetime) -> AsyncGenerator[Batch, None]:
        route, seen = self._route, Seen()
        onward: Place | None = route.begin(place, now)
        while onward is not None:
            answer = await self._ask(session, onward)
            onward, cursor, seen = step(route, onward, self._page(answer), seen, now)
            yield await self._batch(answer, cursor, now)

    async def _at_once(self, session: Session, place: Place, now: datetime) -> AsyncGenerator[Batch, None]:
        route = self._route
        answer = await self._ask(session, route.begin(Place(mark=place.mark), now))
        yield await self._batch(answer, Place(mark=route.later(place.mark, self._page(answer).changes, now)), now)

    async def _by_token(self, session: Session, place: Place, now: datetime) -> AsyncGenerator[Batch, None]:
        route = self._route
        onward, used = route.begin(place, now), {place.token}
        answer = await self._resume(session, onward)
        while True:
            mark = route.later(onward.mark, self._page(answer).changes, now)
            if answer.next is None:
                yield await self._batch(answer, Place(mark=mark), now)
                return
            if answer.next in used:
                raise Unavailable(f"page token repeats: {shown(answer.next, 40)} came twice in one walk; the other side must look")
            used.add(answer.next)
            onward = replace(onward, mark=mark, page=onward.page + 1, token=answer.next, size=route.larger(onward, len(answer.records)))
            yield await self._batch(answer, onward, now)
            answer = await self._ask(session, onward)

    async def _resume(self, session: Session, place: Place) -> Answer:
        """The first answer; a token kept from an earlier poll may hold no longer."""
        try:
            return await self._ask(session, place)
        except Refused as error:
            if not place.token or error.status not in STALE_TOKEN:
                raise
            return await self._ask(session, replace(place, token=""))

    async def _ask(self, session: Session, place: Place) -> Answer:
        settings = self.settings
        asked = {settings.since_param: place.asked, settings.size_param: str(place.size)}
        if settings.paging == "page":
            asked[settings.page_param] = str(place.page - 1 + settings.first_page)
        elif settings.paging == "next":
            asked[settings.next_param] = place.token
        sent = {name: value for name, value in asked.items() if name and value}
        value = await session.get(settings.url, {**settings.params, **sent})
        return open_envelope(value, settings.envelope, self.mapping.zone)

    async def _batch(self, answer: Answer, cursor: Place, now: datetime) -> Batch:
        read: Read
        if len(answer.records) <= AT_ONCE:
            read = read_rows(self.mapping, answer.records, now)
        else:
            read = await asyncio.to_thread(read_rows, self.mapping, answer.records, now)
        return Batch(position=cursor.text(), items=read.items, figures=read.figures, bad=read.bad, fields=read.fields, as_of=answer.as_of)

    @property
    def _route(self) -> Route:
        settings = self.settings
        since = bool(settings.updated and settings.since_param)
        return Route(
            size=settings.size,
            longest=settings.max_size,
            overlap=settings.overlap,
            since=since,
            ordered=settings.ordered,
            zone=self.mapping.zone,
        )

    def _page(self, answer: Answer) -> Page:
        changes = [_change(record, self.settings.updated) for record in answer.records]
        keys = frozenset((self.mapping.code_of(record) or "", change) for record, change in zip(answer.records, changes, strict=True))
        return Page(changes=changes, keys=keys, total=answer.total)


def _change(record: object, updated: str) -> str:
    """A record's last change as the server wrote it; "" where there is none."""
    if not updated or not isinstance(record, dict):
        return ""
    try:
        text = as_text(find(record, updated)) or ""
    except BadItem:
        return ""
    return text if len(text) <= 40 else ""


def _auth(name: str, settings: RestSettings, options: Mapping[str, str], folder: Path) -> Auth:
    if settings.login:
        return Login(settings.login, settings.username, secret_of(name, "password", options, folder), settings.grant)
    if settings.token_env or settings.token_file:
        return Bearer(secret_of(name, "token", options, folder))
    return Open()
