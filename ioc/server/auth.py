"""Who is asking: access tokens, the sessions a browser gets for one, and what each role may see and do.

`Access.who` is asked by /live and by every route of the API; `session_routes` are where a browser gives its token once and receives
a cookie. Tokens are kept only as hashes. A cookie says until when it holds, signed with a key made of the token: so a wall stays
signed in through restarts and at every replica, and taking a token out of the configuration ends its sessions. Without any entry
the door is open: everybody is the viewer "open".
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.requests import HTTPConnection

from ioc.wire import TOPICS

COOKIE = "ioc_session"
ENDED = 10_000  # sessions taken back that are remembered at most
ADDRESSES = 10_000  # whose wrong tokens are remembered at most
WRONG_TOKENS, WITHIN = 5, 60.0  # from one address, seconds
SHORTEST = 16  # characters of a token
BODY = 4_096  # bytes of a sign-in at most
ALL = frozenset(TOPICS)


class AccessError(ValueError):
    """An entry that cannot be used; the message names it, never its token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody we know: may see these topics, and may or may not act (acknowledge, silence)."""

    name: str
    topics: frozenset[str]
    write: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One holder of a token, as configured. `role` is a key of ROLES."""

    name: str
    token: str = field(repr=False)
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    topics: frozenset[str]
    write: bool
    lasts: int  # seconds a session of it lives


DAY = 86_400
ROLES = {
    "wall": Role(topics=ALL, write=False, lasts=400 * DAY),  # nobody stands there to sign in again; browsers keep no cookie longer
    "reader": Role(topics=ALL, write=False, lasts=DAY // 2),
    "operator": Role(topics=ALL, write=True, lasts=DAY // 2),
}
OPEN = Viewer(name="open", topics=ALL, write=True)


class Pace:
    """At most `limit` events in any `seconds`. Instants are seconds of any clock that does not go back."""

    __slots__ = ("_seconds", "_times")

    def __init__(self, limit: int, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=limit)

    def full(self, now: float) -> bool:
        """True: one more at `now` would be too many."""
        return len(self._times) == self._times.maxlen and now - self._times[0] < self._seconds

    def wait(self, now: float) -> float:
        """Seconds until it is no longer full."""
        return max(0.0, self._times[0] + self._seconds - now) if self.full(now) else 0.0

    def count(self, now: float) -> None:
        self._times.append(now)


@dataclass(frozen=True, slots=True)
class _Holder:
    digest: bytes
    viewer: Viewer
    lasts: int

    def sign(self, said: str) -> str:
        key = hmac.digest(self.digest, b"ioc session", sha256)
        return hmac.new(key, said.encode("utf-8", "surrogatepass"), sha256).hexdigest()


class Access:
    """The entries, the sessions taken back, and the addresses that guess. Instants are milliseconds, as in ioc.wire."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._holders = [_holder(entry) for entry in entries]
        for what, seen in (("name", [h.viewer.name for h in self._holders]), ("token", [h.digest for h in self._holders])):
            if len(set(seen)) < len(seen):
                raise AccessError(f"two access entries have the same {what}: give each its own")
        self._ended: OrderedDict[bytes, None] = OrderedDict()  # hashes; a browser that signed out has dropped its cookie besides
        self._guesses: OrderedDict[str, Pace] = OrderedDict()

    @property
    def open(self) -> bool:
        return not self._holders

    async def who(self, connection: HTTPConnection) -> Viewer | None:
        """The viewer behind a request or a handshake, by session cookie or `Authorization: Bearer`; None: nobody we know."""
        if self.open:
            return OPEN
        now = connection.app.state.clock()
        if viewer := self._of_session(connection.cookies.get(COOKIE, ""), now):
            return viewer
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        holder = self._of_token(token.strip(), _address(connection), now)
        return holder.viewer if isinstance(holder, _Holder) else None

    def begin(self, token: str, address: str, now: int) -> tuple[str, int] | float | None:
        """A new session for a token: (its cookie, seconds it lives). None: a wrong token; a number: too many, seconds to wait."""
        holder = self._of_token(token, address, now)
        if not isinstance(holder, _Holder):
            return holder
        said = f"{now + holder.lasts * 1000}.{secrets.token_urlsafe(12)}"
        return f"{said}.{holder.sign(said)}", holder.lasts

    def end(self, session: str) -> None:
        """Take a session back; an unknown one changes nothing."""
        if self._signer(session):
            self._ended[_hash(session)] = None
            while len(self._ended) > ENDED:
                self._ended.popitem(last=False)

    def _of_session(self, session: str, now: int) -> Viewer | None:
        holder = self._signer(session)
        if holder is None or now >= int(session.partition(".")[0]) or _hash(session) in self._ended:
            return None
        return holder.viewer

    def _signer(self, session: str) -> _Holder | None:
        """Whose token this session was begun with; None: it is none of ours."""
        said, _, signature = session.rpartition(".")
        found = None
        for holder in self._holders:  # all of them, each in constant time
            if hmac.compare_digest(holder.sign(said).encode(), signature.encode("utf-8", "surrogatepass")):
                found = holder
        return found

    def _of_token(self, token: str, address: str, now: int) -> _Holder | float | None:
        """The holder of a token; None: nobody's; a number: this address guessed too often, seconds to wait."""
        guesses = self._guesses.get(address)
        if guesses and guesses.full(now / 1000):
            return guesses.wait(now / 1000)
        digest, found = _hash(token), None
        for holder in self._holders:  # all of them, each in constant time
            if hmac.compare_digest(holder.digest, digest):
                found = holder
        if found is None:
            self._guesses.setdefault(address, Pace(WRONG_TOKENS, WITHIN)).count(now / 1000)
            self._guesses.move_to_end(address)
            while len(self._guesses) > ADDRESSES:
                self._guesses.popitem(last=False)
        return found


def _holder(entry: Entry) -> _Holder:
    role = ROLES.get(entry.role)
    if role is None:
        raise AccessError(f"access entry {entry.name!r} has role {entry.role!r}: use one of {', '.join(ROLES)}")
    if len(entry.token) < SHORTEST:
        raise AccessError(f"access entry {entry.name!r} has a token of {len(entry.token)} characters: use at least {SHORTEST}")
    return _Holder(_hash(entry.token), Viewer(name=entry.name, topics=role.topics, write=role.write), role.lasts)


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def session_routes(access: Access) -> APIRouter:
    """POST /api/v1/session {"token": ...} begins a session and sets its cookie; DELETE ends it."""
    routes = APIRouter()

    @routes.post("/api/v1/session")
    async def begin(request: Request) -> Response:
        if access.open:
            return JSONResponse({"name": OPEN.name})
        token = await _token(request)
        if token is None:
            return _refused(400, "bad_request", 'Cần nội dung {"token": "…"}.', 'The body must be {"token": "…"}.')
        begun = access.begin(token, _address(request), request.app.state.clock())
        if begun is None:
            return _refused(401, "wrong_token", "Mã truy cập không đúng.", "That access token is not known.")
        if not isinstance(begun, tuple):
            seconds = int(begun) + 1
            vi, en = f"Sai quá nhiều lần; hãy thử lại sau {seconds} giây.", f"Too many wrong tokens; try again in {seconds} s."
            return _refused(429, "too_many", vi, en, {"Retry-After": str(seconds)})
        session, lasts = begun
        answer = Response(status_code=204)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, session, max_age=lasts, path="/", httponly=True, samesite="strict", secure=secure)
        return answer

    @routes.delete("/api/v1/session")
    async def end(request: Request) -> Response:
        access.end(request.cookies.get(COOKIE, ""))
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    return routes


async def _token(request: Request) -> str | None:
    """The token in a sign-in's body; None when the body is not one. Reads no more than BODY bytes."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY:
            return None
    try:
        said: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    token = said.get("token") if isinstance(said, dict) else None
    return token if isinstance(token, str) else None


def _refused(status: int, code: str, vi: str, en: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"code": code, "vi": vi, "en": en}, status, headers)
