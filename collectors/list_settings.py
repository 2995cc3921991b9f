"""What the settings of the sources dvcqg and lgsp have in common: how a list is asked for, walked and opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from collectors.answer import Envelope
from collectors.dates import read_instant, written
from collectors.listing import Listing
from collectors.reading import Reader
from collectors.source import SettingsError, shown
from collectors.walk import Place
from collectors.wire_settings import WireSettings, check_path

LONGEST_OVERLAP = 366 * 86_400  # seconds
SAMPLE = datetime(2026, 11, 20, 7, 5, 32, tzinfo=UTC)  # any instant: a form of dates is tried on it


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSettings(WireSettings):
    """A `*_param` set to "" is not sent; without `page_param` everything comes in one answer. `since_format`: how the system writes an
    instant (strftime). `updated`: their field for the last change, where records have one; `ordered`: the list comes in that order.
    `first`: what changed before is not read, in the form of `since_format`. `records`, `total` and `as_of` are paths into the answer.
    `refused_codes`: error codes a person must act on; `expired_codes`, `expired_words`: those, and words in their messages, that say the
    session is over. `overlap` in seconds.
    """

    since_param: str = "since"
    until_param: str = "until"
    page_param: str = "page"
    size_param: str = "size"
    first_page: int = 1
    params: dict[str, str] = field(default_factory=dict)
    since_format: str = "%Y%m%d%H%M%S"
    size: int = 500
    updated: str = ""
    ordered: bool = True
    overlap: float = 600.0
    first: str = ""
    records: str = ""
    total: str = ""
    as_of: str = ""
    error_code: str = "error_code"
    message: str = "message"
    refused_codes: frozenset[str] = frozenset()
    expired_codes: frozenset[str] = frozenset({"401"})
    expired_words: frozenset[str] = frozenset()

    def check_list(self, source: str) -> None:
        """What types alone cannot say. Raises SettingsError."""
        self.check_wire(source)
        if self.size < 1 or not 0 <= self.overlap <= LONGEST_OVERLAP:
            raise SettingsError(f"source.{source}: size must be at least 1, and overlap from 0 to {LONGEST_OVERLAP} (a year); correct them")
        for key, name in (("records", self.records), ("total", self.total), ("as_of", self.as_of)):
            check_path(f"source.{source}.{key}", name)

    def check_dates(self, source: str, zone: ZoneInfo) -> None:
        """A form of dates we could not read back would lose the mark of every walk. Raises SettingsError."""
        try:
            if read_instant(written(SAMPLE, self.since_format, zone), zone) != SAMPLE:
                raise ValueError("it leaves out a part of the instant")
        except ValueError as error:
            raise SettingsError(f"source.{source}.since_format: {shown(self.since_format)}: {error}; write one like %Y%m%d%H%M%S") from None
        try:
            if self.first:
                read_instant(self.first, zone)
        except (ValueError, OverflowError) as error:
            raise SettingsError(f"source.{source}.first: {shown(self.first)}: {error}; write it as since_format says") from None

    def asked(self, place: Place, until: str) -> dict[str, str]:
        """The parameters that ask for one page."""
        values = {self.since_param: place.asked, self.until_param: until, self.size_param: str(place.size)}
        values[self.page_param] = str(place.page - 1 + self.first_page)
        return self.params | {name: value for name, value in values.items() if name and value}

    @property
    def envelope(self) -> Envelope:
        return Envelope(
            records=self.records,
            total=self.total,
            as_of=self.as_of,
            error=self.error_code,
            message=self.message,
            refused=self.refused_codes,
            expired=self.expired_codes,
            expired_words=self.expired_words,
        )

    def listing(self, mapping: Reader) -> Listing:
        return Listing(
            mapping=mapping,
            size=self.size,
            overlap=self.overlap,
            written=self.since_format,
            updated=self.updated,
            ordered=self.ordered,
            first=self.first,
            paged=bool(self.page_param),
        )
