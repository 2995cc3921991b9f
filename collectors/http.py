"""The client for department systems: bounded time, bounded size, every failure one of our errors. Called by sources over HTTP.

    401, an expired code     the session is renewed once and the request repeated; then Refused
    3xx, other 4xx           Refused: the address, the rights or the parameters are wrong
    408, 425, 429, 5xx       Unavailable, with Retry-After where it is given
    time out, cut, too large, no JSON, an error code inside a 200      Unavailable (or Refused, where the source declares so)

No message repeats a secret, a query or a whole body.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from collectors.answer import Envelope, decode, error_code, inside
from collectors.auth import Auth
from collectors.source import Refused, SettingsError, SourceError, Unavailable

AGAIN_LATER = frozenset({408, 425, 429})
EXPIRED = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds to connect, between two pieces of an answer, and for the whole answer; and its greatest size in bytes, unpacked."""

    connect: float = 5.0
    read: float = 30.0
    total: float = 60.0
    size: int = 32_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    status: int
    retry_after: float | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Session:
    """Connections to one system, kept while one poll lasts."""

    http: aiohttp.ClientSession
    auth: Auth
    limits: Limits
    envelope: Envelope

    async def get(self, url: str, params: Mapping[str, str]) -> object:
        """The decoded answer to a GET; renews the session once when it has expired."""
        try:
            value = await self._get(url, params)
            if value is None and self.auth.renew():
                value = await self._get(url, params)
        except SourceError as error:
            raise self._hidden(error) from None
        if value is None:
            raise Refused(f"{_place(url)} does not accept our credentials; check the secret of this source", status=EXPIRED)
        return value.content

    async def _get(self, url: str, params: Mapping[str, str]) -> _Value | None:
        """The answer's content; None when the credentials are not accepted (any more)."""
        reply = await self._exchange("GET", url, params=params, headers=await self.auth.headers(self._post))
        if reply.status == EXPIRED:
            return None
        judge(reply.status, reply.retry_after, _place(url))
        content = decode(reply.body)
        code = error_code(content, self.envelope)
        if code is None:
            return _Value(content)
        if code in self.envelope.expired:
            return None
        raise inside(code, content, self.envelope)

    async def _post(self, url: str, fields: Mapping[str, str], form: bool) -> object:
        """The login: its answer decoded, or Refused when it does not let us in."""
        reply = await self._exchange("POST", url, data=fields) if form else await self._exchange("POST", url, json=fields)
        if reply.status in (400, EXPIRED):
            raise Refused(f"{_place(url)} refuses the login; check user name and secret of this source", status=reply.status)
        judge(reply.status, reply.retry_after, _place(url))
        content = decode(reply.body)
        code = error_code(content, self.envelope)
        if code is not None:
            raise Refused(f"{_place(url)} refuses the login: {inside(code, content, self.envelope)}")
        return content

    async def _exchange(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        json: Mapping[str, str] | None = None,
    ) -> _Reply:
        """One request and its whole answer, within the limits."""
        try:
            async with self.http.request(
                method, url, params=params, headers=headers, data=data, json=json, allow_redirects=False
            ) as response:
                return _Reply(
                    status=response.status, retry_after=retry_after(response.headers), body=await self._body(response, _place(url))
                )
        except TimeoutError:
            limits = f"{self.limits.connect:g} s to connect, {self.limits.read:g} s of silence, {self.limits.total:g} s in all"
            raise Unavailable(f"{_place(url)} gave no complete answer in time (limits: {limits})") from None
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise SettingsError(f"url {_place(url)!r} cannot be asked ({type(error).__name__}); write http(s)://host/path") from None
        except aiohttp.ClientResponseError as error:
            raise Unavailable(f"{_place(url)} broke the protocol: {error.message or type(error).__name__}") from None
        except aiohttp.ClientError as error:
            raise Unavailable(f"{_place(url)} cannot be read: {type(error).__name__}: {error}") from None

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


@dataclass(frozen=True, slots=True)
class _Value:
    """Tells an answer that is `null` from no answer."""

    content: object


@asynccontextmanager
async def connected(auth: Auth, limits: Limits, envelope: Envelope) -> AsyncIterator[Session]:
    """A session, closed at the end. Cookies are not kept: what we are is in `auth` alone."""
    timeout = aiohttp.ClientTimeout(total=limits.total, sock_connect=limits.connect, sock_read=limits.read)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Session(http, auth, limits, envelope)


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
