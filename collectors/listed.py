"""A source that is a list over HTTP: how its walks are asked and yielded, live and over an old stretch. What dvcqg and lgsp share.

A kind of system says how one page is asked for (`question`) and, where an answer is not all, what completes it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from collectors.answer import Answer, Envelope, open_envelope
from collectors.auth import Auth, Request
from collectors.http import Limits, Session, connected
from collectors.listing import Listing
from collectors.pace import Pace
from collectors.reading import Reader
from collectors.walk import Place
from ioc.model import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSource(ABC):
    """One system; `auth` keeps its session and `pace` its turns from poll to poll. See collectors.source.Source and Rewinding."""

    name: str
    listing: Listing
    limits: Limits
    envelope: Envelope
    auth: Auth
    pace: Pace

    @property
    def mapping(self) -> Reader:
        return self.listing.mapping

    @abstractmethod
    def question(self, place: Place, until: str) -> Request:
        """What asks for one page of what changed since `place.asked` and, where `until` is not "", before that."""

    async def completed(self, session: Session, answer: Answer) -> Answer:  # noqa: ARG002  for kinds that ask for more
        """The answer with what has to be asked for apart."""
        return answer

    async def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """Pages from the cursor to the end of the list, each a batch."""
        async with aclosing(self._walk(self.listing.begin(cursor, now), "", now, cursor)) as batches:
            async for batch in batches:
                yield batch

    async def fetch_between(self, since: datetime, until: datetime, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """Pages of what changed within [since, until), each a batch; to the end of the list where the system knows no end."""
        begin = self.listing.begin_between(cursor, since, until)
        if begin is None:
            return
        async with aclosing(self._walk(begin, self.listing.date(until), now, None)) as batches:
            async for batch in batches:
                yield batch

    async def _walk(self, begin: Place, until: str, now: datetime, stay: str | None) -> AsyncGenerator[Batch, None]:
        async with connected(self.auth, self.limits, self.envelope, self.pace) as session:

            async def ask(place: Place) -> Answer:
                content = (await session.ask(self.question(place, until))).content
                return await self.completed(session, open_envelope(content, self.envelope, self.mapping.zone))

            async with aclosing(self.listing.walk(ask, begin, now, stay=stay)) as batches:
                async for batch in batches:
                    yield batch
