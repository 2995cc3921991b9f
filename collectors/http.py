"""The client for department systems: bounded time, bounded size, every failure one of our errors. Called by sources over HTTP.

    401, an expired code     the session is renewed once and the request repeated; then Refused
    3xx, other 4xx           Refused: the address, the rights or the parameters are wrong
    408, 425, 429, 5xx       Unavailable, with Retry-After where it is given
    time out, cut, too large, no JSON, an error code inside a 200      Unavailable (or Refused, where the source declares so)

No message repeats a secret, a query or a whole body.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import aiohttp

from collectors.answer import Envelope, decode, error_code, inside, is_over
from collectors.auth import Auth, Request, Sink
from collectors.pace import Pace
from collectors.source import Refused, SettingsError, SourceError, Unavailable

AGAIN_LATER = frozenset({408, 425, 429})
EXPIRED = 401
UNCHANGED = 304
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds to connect, between two pieces of an answer, and for the whole answer; and its greatest size in bytes, unpacked."""

    connect: float = 5.0
    read: float = 30.0
    total: float = 60.0
    size: int = 32_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. `content`: its JSON decoded, or its bytes (Request.raw). `changed` False: it is what we have already, without content.

    `version` is what to send next time to learn that; "" where the other side keeps none.
    """

    content: Any
    version: str = ""
    changed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raw:
    status: int
    retry_after: float | None
    body: Any
    version: str


@dataclass(frozen=True, slots=True)
class Session:
    """The way to one system while one poll lasts."""

    http: aiohttp.ClientSession
    auth: Auth
    limits: Limits
    envelope: Envelope
    pace: Pace

    async def get(self, url: str, params: Mapping[str, str]) -> object:
        """The decoded answer to a GET; renews the session once when it has expired."""
        return (await self.ask(Request(url=url, params=params))).content

    async def ask(self, request: Request) -> Reply:
        """The answer to a request; renews the session once when it has expired."""
        try:
            reply = await self._ask(request)
            if reply is None and self.auth.renew():
                reply = await self._ask(request)
        except SourceError as error:
            raise self._hidden(error) from None
        if reply is None:
            raise Refused(f"{_place(request.url)} does not accept our credentials; check the secret of this source", status=EXPIRED)
        return reply

    async def _ask(self, request: Request) -> Reply | None:
        """The answer; None when the credentials are not accepted (any more)."""
        place = _place(request.url)
        raw = await self._exchange(_conditional(await self.auth.signed(request, self._post)))
        if raw.status == EXPIRED:
            return None
        if raw.status == UNCHANGED and request.version:
            return Reply(content=None, version=request.version, changed=False)
        judge(raw.status, raw.retry_after, place)
        if request.raw or request.into:
            return Reply(content=raw.body, version=raw.version)
        content = decode(raw.body)
        code = error_code(content, self.envelope)
        if code is None:
            return Reply(content=content, version=raw.version)
        if is_over(code, content, self.envelope):
            return None
        raise inside(code, content, self.envelope)

    async def _post(self, url: str, fields: Mapping[str, str], form: bool, headers: Mapping[str, str] = NOTHING) -> object:
        """The login: its answer decoded, or Refused when it does not let us in."""
        request = Request(url=url, method="POST", headers=headers, form=fields if form else None, json=None if form else fields)
        raw = await self._exchange(request)
        if raw.status in (400, EXPIRED):
            raise Refused(f"{_place(url)} refuses the login; check user name and secret of this source", status=raw.status)
        judge(raw.status, raw.retry_after, _place(url))
        content = decode(raw.body)
        code = error_code(content, self.envelope)
        if code is not None:
            raise Refused(f"{_place(url)} refuses the login: {inside(code, content, self.envelope)}")
        return content

    async def _exchange(self, request: Request) -> _Raw:
        """One request and its whole answer, within the limits and at the pace."""
        place = _place(request.url)
        await self.pace.turn()
        try:
            async with self.http.request(
                request.method, request.url, params=request.params, headers=request.headers, data=request.form, json=request.json,
                allow_redirects=False, timeout=_timeout(self.limits),
            ) as response:  # fmt: skip
                version = response.headers.get("ETag", "") or response.headers.get("Last-Modified", "")
                wait = retry_after(response.headers)
                body = await (_poured(response, request.into()) if request.into and response.status == 200 else self._body(response, place))
                return _Raw(status=response.status, retry_after=wait, body=body, version=version)
        except TimeoutError:
            limits = f"{self.limits.connect:g} s to connect, {self.limits.read:g} s of silence, {self.limits.total:g} s in all"
            raise Unavailable(f"{place} gave no complete answer in time (limits: {limits})") from None
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise SettingsError(f"url {place!r} cannot be asked ({type(error).__name__}); write http(s)://host/path") from None
        except aiohttp.ClientResponseError as error:
            raise Unavailable(f"{place} broke the protocol: {error.message or type(error).__name__}") from None
        except aiohttp.ClientError as error:
            raise Unavailable(f"{place} cannot be read: {type(error).__name__}: {error}") from None

    async def _body(self, response: aiohttp.ClientResponse, place: str) -> bytes:
        body = bytearray()
        async for piece in response.content.iter_chunked(1 << 16):
            body += piece
            if len(body) > self.limits.size:
                raise Unavailable(f"{place}: answer larger than {self.limits.size / 1e6:g} MB; ask for smaller pages")
        return bytes(body)

    def _hidden(self, error: SourceError) -> SourceError:
        """The same error with every secret taken out of its message."""
        text = str(error)
        for secret in filter(None, self.auth.secrets()):
            text = text.replace(secret, "***")
        error.args = (text,)
        return error


async def _poured(response: aiohttp.ClientResponse, sink: Sink) -> Any:
    """What a sink makes of an answer; the rest is not read when it has enough."""
    async for piece in response.content.iter_chunked(1 << 16):
        if not sink.feed(piece):
            response.close()
            break
    return sink.close()


_KEPT: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}


@asynccontextmanager
async def connected(auth: Auth, limits: Limits, envelope: Envelope, pace: Pace | None = None) -> AsyncIterator[Session]:
    """A session, closed at the end; within `connections_kept` its connections stay for the next poll. What we are is in `auth` alone."""
    kept = _KEPT.get(asyncio.get_running_loop())
    if kept is not None:
        yield Session(kept, auth, limits, envelope, pace or Pace())
        return
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Session(http, auth, limits, envelope, pace or Pace())


@asynccontextmanager
async def connections_kept(most: int = 256, idle: float = 15.0) -> AsyncIterator[None]:
    """Within this block all polls of this event loop share their connections: at most `most` busy at once, idle ones `idle` seconds.

    Cookies are never kept, so nothing passes from one source to another.
    """
    loop = asyncio.get_running_loop()
    connector = aiohttp.TCPConnector(limit=most, keepalive_timeout=idle, ttl_dns_cache=60)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
        outer, _KEPT[loop] = _KEPT.get(loop), http
        try:
            yield
        finally:
            if _KEPT.get(loop) is http:  # another program in this loop may have begun since, and goes on
                del _KEPT[loop]
                if outer is not None and not outer.closed:
                    _KEPT[loop] = outer


@lru_cache(maxsize=256)
def _timeout(limits: Limits) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=limits.total, sock_connect=limits.connect, sock_read=limits.read)


def _conditional(request: Request) -> Request:
    """The request with the version we have: an ETag is quoted, a Last-Modified is a date (RFC 9110, 13.1)."""
    if not request.version:
        return request
    header = "If-None-Match" if request.version.startswith(('"', "W/")) else "If-Modified-Since"
    return request.with_headers(**{header: request.version})


def judge(status: int, wait: float | None, place: str) -> None:
    """Raise what a status other than success means. Pure."""
    if 200 <= status < 300:
        return
    if status in AGAIN_LATER or status >= 500:
        story = "asks us to come less often" if status == 429 else "cannot answer now"
        raise Unavailable(f"{place} {story} (status {status})", retry_after=wait)
    if status == 403:
        raise Refused(f"{place} gives us no right to read (status 403); ask the other side for it", status=status)
    if 300 <= status < 400:
        raise Refused(f"{place} has moved or wants a login page (status {status}); correct the url", status=status)
    raise Refused(f"{place} refuses the request (status {status}); check url and parameters", status=status)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds (RFC 9110, 10.2.3); a date in it is measured against the answer's own Date."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        wait: timedelta = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, wait.total_seconds())


def _place(url: str) -> str:
    """An address as it may stand in a message: without user, query and fragment."""
    return url.split("?", 1)[0].split("#", 1)[0].rsplit("@", 1)[-1]
