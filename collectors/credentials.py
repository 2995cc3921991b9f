"""The settings of a source over HTTP that shows a fixed token, or logs in for one, or needs neither. Called by each kind's `declared`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from collectors.auth import Auth, Bearer, Login, Open
from collectors.settings import secret_of
from collectors.source import SettingsError
from collectors.wire_settings import WireSettings, check_address


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSettings(WireSettings):
    """Besides what WireSettings says: `token_*` names a fixed token, `login` the address that gives one for user name and password.

    `grant` is what that address expects: "password" as JSON, or "client_credentials" as an OAuth 2 form. Secrets are named, never
    written here.
    """

    token_env: str = ""
    token_file: str = ""
    login: str = ""
    username: str = ""
    password_env: str = ""
    password_file: str = ""
    grant: Literal["password", "client_credentials"] = "password"

    def auth(self, source: str, options: Mapping[str, Any], folder: Path) -> Auth:
        """How the source shows who it is. Raises SettingsError."""
        token = bool(self.token_env or self.token_file)
        if self.login and token:
            raise SettingsError(f"source.{source}.login: a token is given too; keep one of the two")
        if self.login:
            check_address(source, "login", self.login)
            return Login(self.login, self.username, secret_of(source, "password", options, folder), self.grant)
        return Bearer(secret_of(source, "token", options, folder)) if token else Open()
