"""The source `dvcqg`: dossiers as the national public service portal shows them, read through its adapter or a province's relay.

The adapter wants a login whose session stands in the JSON body of each call, beside our unit and the name of a service; an expired
session is told inside a 200, and one login later the walk goes on. A relay answers a bare array and takes everything in the query. The
list is walked as in listing.py; progress rows stand in each record, or are asked for apart, ten dossiers at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from collectors import portal_shape
from collectors.answer import Answer, open_envelope
from collectors.auth import Auth, Bearer, BodySession, Open, Request
from collectors.http import Session
from collectors.list_settings import ListSettings
from collectors.listed import ListedSource
from collectors.mapping import load
from collectors.prepared import Prepared
from collectors.settings import secret_of, settle
from collectors.source import SettingsError, shown
from collectors.walk import Place
from collectors.wire_settings import check_address
from ioc.config import SourceEntry

AT_A_TIME = 10  # dossiers in one question for progress rows, as many as the portal itself takes at once
OVER = frozenset({"hết phiên", "hết hạn phiên", "phiên làm việc", "session expired", "session invalid", "invalid session"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DvcqgSettings(ListSettings):
    """The options of a `dvcqg` source beside those of every list. `adapter`: the address before the two endpoints; `dstcode`: the header
    that names the destination service; `madonvi`: our unit. A `relay` has no login (a token at most) and is asked at `share_endpoint`.
    `progress_service`: where progress rows are asked for apart. Secrets are named, never written here.
    """

    adapter: str
    madonvi: str
    variant: Literal["adapter", "relay"] = "adapter"
    auth_endpoint: str = "/mapi/login"
    share_endpoint: str = "/mapi/g"
    dstcode: str = ""
    username: str = ""
    password_env: str = ""
    password_file: str = ""
    token_env: str = ""
    token_file: str = ""
    service: str = "DongBoHoSoMC"
    progress_service: str = ""
    codes_param: str = "mahoso"
    unit_param: str = "MaDinhDanhDV"
    since_param: str = "tungay"
    until_param: str = "denngay"
    page_param: str = "trang"
    size_param: str = "sobanghi"
    expired_words: frozenset[str] = OVER

    def check(self, source: str) -> None:
        """What types alone cannot say. Raises SettingsError."""
        self.check_list(source)
        check_address(source, "adapter", self.adapter)
        if self.variant == "adapter" and not (self.username and self.madonvi):
            raise SettingsError(f"source.{source}: an adapter wants username and madonvi; give them")
        if self.variant == "relay" and (self.username or self.progress_service):
            raise SettingsError(f"source.{source}: a relay knows neither username nor progress_service; remove them")
        if not (self.dstcode.isascii() and self.dstcode.isprintable()):
            raise SettingsError(f"source.{source}.dstcode: {shown(self.dstcode)} cannot stand in a header; write plain letters")

    def address(self, endpoint: str) -> str:
        return self.adapter.rstrip("/") + endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class DvcqgSource(ListedSource):
    """One adapter or relay of the portal."""

    settings: DvcqgSettings

    @classmethod
    def declared(cls, entry: SourceEntry, folder: Path) -> DvcqgSource:
        """The source of a configuration entry; paths are relative to `folder`. Raises SettingsError or MappingError."""
        settings = settle(DvcqgSettings, entry.options, entry.name)
        settings.check(entry.name)
        mapping = Prepared(mapping=load(folder / entry.mapping), prepare=portal_shape.ready, looks_at=portal_shape.LOOKS_AT)
        settings.check_dates(entry.name, mapping.zone)
        return cls(
            name=entry.name,
            listing=settings.listing(mapping),
            limits=settings.limits,
            envelope=settings.envelope,
            auth=_auth(entry.name, settings, entry.options, folder),
            pace=settings.pace,
            settings=settings,
        )

    def question(self, place: Place, until: str) -> Request:
        settings, asked = self.settings, self.settings.asked(place, until)
        if settings.variant == "relay":
            return Request(url=settings.address(settings.share_endpoint), params={settings.unit_param: settings.madonvi, **asked})
        return self._call(settings.service, asked)

    async def completed(self, session: Session, answer: Answer) -> Answer:
        """The answer with the progress rows of its dossiers, where the adapter has them apart."""
        settings = self.settings
        if not settings.progress_service:
            return answer
        codes = [code for code in map(self.mapping.code_of, answer.records) if code]
        rows: list[object] = []
        for begin in range(0, len(codes), AT_A_TIME):
            request = self._call(settings.progress_service, {settings.codes_param: codes[begin : begin + AT_A_TIME]})
            rows += open_envelope((await session.ask(request)).content, settings.envelope, self.mapping.zone).records
        return replace(answer, records=portal_shape.with_steps(answer.records, rows))

    def _call(self, service: str, more: Mapping[str, str | list[str]]) -> Request:
        settings = self.settings
        return Request(
            url=settings.address(settings.share_endpoint), method="POST", json={"madonvi": settings.madonvi, "service": service, **more}
        )


def _auth(name: str, settings: DvcqgSettings, options: Mapping[str, str], folder: Path) -> Auth:
    if settings.variant == "adapter":
        password = secret_of(name, "password", options, folder)
        headers = {"dstcode": settings.dstcode} if settings.dstcode else {}
        return BodySession(settings.address(settings.auth_endpoint), settings.username, password, headers)
    if settings.token_env or settings.token_file:
        return Bearer(secret_of(name, "token", options, folder))
    return Open()
