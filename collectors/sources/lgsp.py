"""The source `lgsp`: dossiers through the provincial gateway, behind an OAuth 2 token of the kind client_credentials.

The token is renewed before it expires, and once more when it is refused; headers that name our application and partner go with each
request. 403 means that nobody gave us the right to this API; on 429 we come back when we are told to, and `rate` keeps us from getting
there. The list is walked as in listing.py; flags and dates become a state in gateway_shape.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from collectors import gateway_shape
from collectors.auth import Auth, Login, Named, Request
from collectors.list_settings import ListSettings
from collectors.listed import ListedSource
from collectors.mapping import load
from collectors.prepared import Prepared
from collectors.settings import secret_of, settle
from collectors.source import SettingsError, shown
from collectors.walk import Place
from collectors.wire_settings import check_address
from ioc.config import SourceEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class LgspSettings(ListSettings):
    """The options of an `lgsp` source beside those of every list. `url`: the list's address; `token_url`: where `key` and the secret are
    given for a token, which is renewed `margin` seconds before its end. `headers` are sent as they are; `headers_env` and `headers_file`
    name where the secret ones are. With method POST the parameters are a JSON body. Secrets are named, never written here.
    """

    url: str
    token_url: str
    key: str
    secret_env: str = ""
    secret_file: str = ""
    margin: float = 60.0
    headers: dict[str, str] = field(default_factory=dict)
    headers_env: dict[str, str] = field(default_factory=dict)
    headers_file: dict[str, str] = field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    since_param: str = "fromDate"
    until_param: str = "toDate"
    page_param: str = "pageIndex"
    size_param: str = "pageSize"
    since_format: str = "%Y/%m/%d %H:%M:%S"

    def check(self, source: str) -> None:
        """What types alone cannot say. Raises SettingsError."""
        self.check_list(source)
        check_address(source, "url", self.url)
        check_address(source, "token_url", self.token_url)
        if self.margin < 0:
            raise SettingsError(f"source.{source}.margin: {self.margin:g} is below 0; correct it")
        for name, value in self.headers.items():
            if not f"{name}{value}".isascii() or not f"{name}{value}".isprintable():
                raise SettingsError(f"source.{source}.headers.{name}: {shown(value)} cannot stand in a header; write plain letters")
        times = Counter([*self.headers, *self.headers_env, *self.headers_file])
        if twice := [name for name, count in times.items() if count > 1]:
            raise SettingsError(f"source.{source}: header {twice[0]!r} is given twice; keep one of the two")


@dataclass(frozen=True, slots=True, kw_only=True)
class LgspSource(ListedSource):
    """One API of one gateway."""

    settings: LgspSettings

    @classmethod
    def declared(cls, entry: SourceEntry, folder: Path) -> LgspSource:
        """The source of a configuration entry; paths are relative to `folder`. Raises SettingsError or MappingError."""
        settings = settle(LgspSettings, entry.options, entry.name)
        settings.check(entry.name)
        mapping = load(folder / entry.mapping)
        settings.check_dates(entry.name, mapping.zone)
        state = mapping.fields.get("state")
        prepare = partial(gateway_shape.ready, words=(state.values if state else None) or {})
        return cls(
            name=entry.name,
            listing=settings.listing(Prepared(mapping=mapping, prepare=prepare, looks_at=gateway_shape.LOOKS_AT)),
            limits=settings.limits,
            envelope=settings.envelope,
            auth=_auth(entry.name, settings, entry.options, folder),
            pace=settings.pace,
            settings=settings,
        )

    def question(self, place: Place, until: str) -> Request:
        asked = self.settings.asked(place, until)
        if self.settings.method == "POST":
            return Request(url=self.settings.url, method="POST", json=asked)
        return Request(url=self.settings.url, params=asked)


def _auth(name: str, settings: LgspSettings, options: Mapping[str, str], folder: Path) -> Auth:
    secret = secret_of(name, "secret", options, folder)
    login = Login(settings.token_url, settings.key, secret, "client_credentials", settings.margin)
    if not (settings.headers or settings.headers_env or settings.headers_file):
        return login
    hidden = {header: secret_of(name, header, {f"{header}_env": variable}, folder) for header, variable in settings.headers_env.items()}
    hidden |= {header: secret_of(name, header, {f"{header}_file": file}, folder) for header, file in settings.headers_file.items()}
    return Named(login, settings.headers, hidden)
