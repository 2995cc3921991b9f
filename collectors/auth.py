"""How a source shows who it is: not at all, by a fixed token, or by a session it logs in for, in a header or in the body. Called
by http.py.

Secrets are asked for at the moment they are needed, so that a rotated file is read anew, and stay in memory; `secrets` names what
no message may repeat.
"""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from collectors.fields import as_text, find
from collectors.source import Refused

TOKENS = ("access_token", "token", "session", "data.token", "data.access_token")
LONGEST = 8_000  # characters of a token
SESSIONS = ("session", "result.session", "data.session")


class Sink(Protocol):
    """Takes the bytes of one answer as they come, and bounds them itself."""

    def feed(self, piece: bytes, /) -> bool:
        """Take the next bytes; False when no more are needed: then the connection is left."""
        ...

    def close(self) -> Any:
        """What they made. Raises SourceError, as `feed` may."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a system. `form` and `json`: a body of that kind. `raw`: the answer is bytes for the caller, not JSON.

    `into` makes a sink that a good answer runs into, for what is too large to be held; what the sink closes with is the content.
    `version`: the ETag or Last-Modified of the answer we have; the other side may say that nothing has changed since.
    """

    url: str
    method: Literal["GET", "POST"] = "GET"
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: Any = None
    raw: bool = False
    into: Callable[[], Sink] | None = None
    version: str = ""

    def with_headers(self, **headers: str) -> Request:
        return replace(self, headers={**self.headers, **headers})


class Post(Protocol):
    """Asks a login: fields as a form or as JSON, with headers where it wants some; answers its decoded JSON."""

    def __call__(self, url: str, fields: Mapping[str, str], form: bool, headers: Mapping[str, str] = ..., /) -> Awaitable[object]: ...


class Auth(Protocol):
    async def signed(self, request: Request, post: Post, /) -> Request:
        """The request with what shows who we are, where this system wants it; logs in first where that is needed."""
        ...

    def renew(self) -> bool:
        """The other side no longer accepts us: forget what we hold. False when there is nothing new to show."""
        ...

    def secrets(self) -> tuple[str, ...]: ...


@dataclass(slots=True)
class Open:
    """No credentials."""

    async def signed(self, request: Request, _post: Post, /) -> Request:
        return request

    def renew(self) -> bool:
        return False

    def secrets(self) -> tuple[str, ...]:
        return ()


@dataclass(slots=True)
class Bearer:
    """A fixed token. After a refusal its secret is read once more: somebody may just have replaced it."""

    secret: Callable[[], str]
    _token: str = ""

    async def signed(self, request: Request, _post: Post, /) -> Request:
        self._token = self._token or self.secret()
        return request.with_headers(Authorization=f"Bearer {self._token}")

    def renew(self) -> bool:
        before, self._token = self._token, self.secret()
        return self._token != before

    def secrets(self) -> tuple[str, ...]:
        return (self._token,)


@dataclass(slots=True)
class Login:
    """A session: user name and password are given for a token, which is used until it is refused, or about to expire.

    `grant` is what the address expects: "password" as JSON, or "client_credentials" as an OAuth 2 form (RFC 6749, 4.4).
    `margin`: so many seconds before the end of its `expires_in` a token is renewed, by half of a life shorter than twice that.
    """

    url: str
    username: str
    secret: Callable[[], str]
    grant: Literal["password", "client_credentials"] = "password"
    margin: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _token: str = ""
    _password: str = ""
    _until: float = math.inf

    async def signed(self, request: Request, post: Post, /) -> Request:
        if not self._token or self.clock() >= self._until:
            self._password = self.secret()
            asked_at = self.clock()
            answer = await self._login(post)
            self._token = _found(answer, TOKENS)
            life = _seconds(answer)
            self._until = asked_at + max(life - self.margin, life / 2)
        return request.with_headers(Authorization=f"Bearer {self._token}")

    async def _login(self, post: Post) -> object:
        if self.grant == "password":
            return await post(self.url, {"username": self.username, "password": self._password}, False)
        form = {"grant_type": self.grant, "client_id": self.username, "client_secret": self._password}
        return await post(self.url, form, True)

    def renew(self) -> bool:
        self._token = ""
        return True

    def secrets(self) -> tuple[str, ...]:
        return self._token, self._password


@dataclass(slots=True)
class BodySession:
    """The session of the national portal's adapters: logged in for with their header, then carried inside the JSON body of each call."""

    url: str
    username: str
    secret: Callable[[], str]
    headers: Mapping[str, str]
    _session: str = ""
    _password: str = ""

    async def signed(self, request: Request, post: Post, /) -> Request:
        if not self._session:
            self._password = self.secret()
            answer = await post(self.url, {"username": self.username, "password": self._password}, False, self.headers)
            self._session = _found(answer, SESSIONS)
        return replace(request.with_headers(**self.headers), json={"session": self._session, **request.json})

    def renew(self) -> bool:
        self._session = ""
        return True

    def secrets(self) -> tuple[str, ...]:
        return self._session, self._password


@dataclass(slots=True)
class Named:
    """Another way of showing who we are, and beside it headers that say which application and partner we are: a gateway asks for both.

    `plain` are written as they are, `hidden` are secrets, read once.
    """

    auth: Auth
    plain: Mapping[str, str]
    hidden: Mapping[str, Callable[[], str]]
    _read: dict[str, str] = field(default_factory=dict)

    async def signed(self, request: Request, post: Post, /) -> Request:
        self._read = self._read or {name: secret() for name, secret in self.hidden.items()}
        return (await self.auth.signed(request, post)).with_headers(**self.plain, **self._read)

    def renew(self) -> bool:
        self._read = {}
        return self.auth.renew()

    def secrets(self) -> tuple[str, ...]:
        return (*self.auth.secrets(), *self._read.values())


def _found(answer: object, names: Iterable[str]) -> str:
    """The first of some names a login's answer holds a text under, or Refused."""
    found = (as_text(find(answer, name)) for name in names) if isinstance(answer, dict) else iter(())
    token = next((text for text in found if text), "")
    if not token:
        raise Refused(f"the login answered without a token; one of {', '.join(names)} was expected")
    if len(token) > LONGEST or not (token.isascii() and token.isprintable()):
        raise Refused(f"the login answered a token that no header can carry ({len(token)} characters); the other side must look")
    return token


def _seconds(answer: object) -> float:
    """How long a token lives; for ever where the answer does not say, or says something else."""
    text = as_text(find(answer, "expires_in")) if isinstance(answer, dict) else None
    try:
        life = float(text or "inf")
    except ValueError:
        return math.inf
    return life if life > 0 else math.inf
