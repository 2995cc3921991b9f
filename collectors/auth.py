"""How a source shows who it is: not at all, by a fixed token, or by a session it logs in for. Called by http.py.

Secrets are asked for at the moment they are needed, so that a rotated file is read anew, and stay in memory; `secrets` names what
no message may repeat.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from collectors.fields import as_text, find
from collectors.source import Refused

Post = Callable[[str, Mapping[str, str], bool], Awaitable[object]]  # url, fields, as a form or as JSON -> the decoded answer
TOKENS = ("access_token", "token", "session", "data.token", "data.access_token")


class Auth(Protocol):
    async def headers(self, post: Post, /) -> dict[str, str]:
        """What goes with each request; logs in first where that is needed."""
        ...

    def renew(self) -> bool:
        """The other side no longer accepts us: forget what we hold. False when there is nothing new to show."""
        ...

    def secrets(self) -> tuple[str, ...]: ...


@dataclass(slots=True)
class Open:
    """No credentials."""

    async def headers(self, _post: Post, /) -> dict[str, str]:
        return {}

    def renew(self) -> bool:
        return False

    def secrets(self) -> tuple[str, ...]:
        return ()


@dataclass(slots=True)
class Bearer:
    """A fixed token. After a refusal its secret is read once more: somebody may just have replaced it."""

    secret: Callable[[], str]
    _token: str = ""

    async def headers(self, _post: Post, /) -> dict[str, str]:
        self._token = self._token or self.secret()
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        before, self._token = self._token, self.secret()
        return self._token != before

    def secrets(self) -> tuple[str, ...]:
        return (self._token,)


@dataclass(slots=True)
class Login:
    """A session: user name and password are given for a token, which is used until it is refused.

    `grant` is what the address expects: "password" as JSON, or "client_credentials" as an OAuth 2 form (RFC 6749, 4.4).
    """

    url: str
    username: str
    secret: Callable[[], str]
    grant: Literal["password", "client_credentials"] = "password"
    _token: str = ""
    _password: str = ""

    async def headers(self, post: Post, /) -> dict[str, str]:
        if not self._token:
            self._password = self.secret()
            self._token = await self._login(post)
        return {"Authorization": f"Bearer {self._token}"}

    async def _login(self, post: Post) -> str:
        if self.grant == "password":
            answer = await post(self.url, {"username": self.username, "password": self._password}, False)
        else:
            form = {"grant_type": self.grant, "client_id": self.username, "client_secret": self._password}
            answer = await post(self.url, form, True)
        found = (as_text(find(answer, name)) for name in TOKENS) if isinstance(answer, dict) else iter(())
        token = next((text for text in found if text), "")
        if not token:
            raise Refused(f"the login answered without a token; one of {', '.join(TOKENS)} was expected")
        return token

    def renew(self) -> bool:
        self._token = ""
        return True

    def secrets(self) -> tuple[str, ...]:
        return self._token, self._password
