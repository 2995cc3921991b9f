"""The options of a `[[source]]` of the kind `rest`, checked as a whole. Pure; called by sources/rest.py and asking.py."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from collectors.answer import Envelope
from collectors.credentials import CallerSettings
from collectors.source import SettingsError, shown, suggestion
from collectors.wire_settings import check_address, check_path

PLACES = frozenset({"since", "until", "page", "size", "offset"})  # what an address may have in braces
LOOKED_AT = ("updated", "records", "next", "total", "as_of", "error_code", "message")


@dataclass(frozen=True, slots=True, kw_only=True)
class RestSettings(CallerSettings):
    """`updated`: their field for the last change of a record; "" reads the whole list each time. `ordered`: the list comes in its order.

    `paging`: "page" counts pages, "offset" counts records, "next" follows a token in the answer and "url" an address in it, "none" is one
    answer. A `*_param` set to "" is not sent; with POST what is sent stands in the JSON `body`, a dot in its name going into an object
    there. Sizes are records a page: `size` from poll to poll, up to `max_size` when catching up; `overlap` in seconds.
    `first_since`: what is asked from when nothing was read yet. `since_format`: how they want a time written (strftime), where that
    differs from their records. `records`, `next`, `total`, `as_of` are paths into the answer, or expressions (paths.py).
    Times in seconds.
    """

    url: str
    method: Literal["GET", "POST"] = "GET"
    paging: Literal["page", "offset", "next", "url", "none"] = "page"
    updated: str = ""
    ordered: bool = True
    since_param: str = "since"
    since_format: str = ""
    first_since: str = ""
    until_param: str = ""
    page_param: str = "page"
    offset_param: str = "offset"
    size_param: str = "size"
    next_param: str = "next"
    first_page: int = 1
    size: int = 500
    max_size: int = 5000
    overlap: float = 1.0
    params: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    records: str = ""
    next: str = "next"
    total: str = ""
    as_of: str = ""
    error_code: str = "error_code"
    message: str = "message"
    refused_codes: frozenset[str] = frozenset()
    expired_codes: frozenset[str] = frozenset({"401"})
    read_timeout: float = 30.0
    timeout: float = 60.0

    @property
    def in_address(self) -> frozenset[str]:
        """What the address has in braces."""
        return frozenset(re.findall(r"\{(\w*)\}", self.url))

    @property
    def since(self) -> bool:
        """Whether the system can be asked for what changed since an instant."""
        return bool(self.updated and (self.since_param or "since" in self.in_address))

    @property
    def until(self) -> bool:
        """Whether it can be asked for what changed before one."""
        return self.since and bool(self.until_param or "until" in self.in_address)

    @property
    def envelope(self) -> Envelope:
        return Envelope(
            records=self.records,
            next=self.next if self.paging in ("next", "url") else "",
            total=self.total,
            as_of=self.as_of,
            error=self.error_code,
            message=self.message,
            refused=self.refused_codes,
            expired=self.expired_codes,
        )

    def check(self, source: str) -> None:
        """What types alone cannot say. Raises SettingsError."""
        key = f"source.{source}"
        check_address(source, "url", self.url)
        self.check_wire(source)
        if not 1 <= self.size <= self.max_size:
            raise SettingsError(f"{key}.size: {self.size} is not from 1 to max_size ({self.max_size}); correct one of them")
        if self.overlap < 0:
            raise SettingsError(f"{key}.overlap: {self.overlap:g} is below 0; write the seconds that are read again")
        self._check_body(key)
        self._check_address(key)
        self._check_times(key)
        for name in LOOKED_AT:
            check_path(f"{key}.{name}", getattr(self, name))

    def _check_address(self, key: str) -> None:
        for name in self.in_address - PLACES:
            raise SettingsError(f"{key}.url: {{{name}}} is nothing we could put there{suggestion(name, PLACES)}")
        if "since" in self.in_address and not (self.updated and self.first_since):
            raise SettingsError(f"{key}.first_since: missing; {{since}} in the address needs a time to begin with, and updated")

    def _check_body(self, key: str) -> None:
        if self.body and self.method == "GET":
            raise SettingsError(f'{key}.body: a GET sends none; write method = "POST", or params')
        params = (self.since_param, self.until_param, self.page_param, self.offset_param, self.size_param, self.next_param)
        names = [name for name in params if name]
        try:
            json.dumps(search(self.body, dict.fromkeys(names, 1)))
        except (TypeError, ValueError, AttributeError):
            raise SettingsError(f"{key}.body: no JSON, or no room in it for {', '.join(names)}; correct one of them") from None

    def _check_times(self, key: str) -> None:
        if self.since_format and datetime(2026, 1, 2, tzinfo=UTC).strftime(self.since_format) == self.since_format:
            raise SettingsError(f"{key}.since_format: {shown(self.since_format)} names no part of a date; write one like %Y%m%d%H%M%S")
        if (self.until_param or "until" in self.in_address) and not self.since_format:
            raise SettingsError(f"{key}.since_format: missing; the end of a range is written with it, for example %Y-%m-%dT%H:%M:%S")


def search(body: Mapping[str, Any], told: Mapping[str, str | int]) -> dict[str, Any]:
    """The body of a search with what it is told; a dot in a name goes into an object of the body."""
    made = deepcopy(dict(body))
    for name, value in told.items():
        *outer, last = name.split(".")
        inner = made
        for each in outer:
            inner = inner.setdefault(each, {})
        inner[last] = value
    return made
