"""The options of an `edxml` source, and how it shows who it is. Called by collectors/sources/edxml.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from collectors.answer import Envelope as Answered
from collectors.auth import Post, Request
from collectors.edxml.record import Secrecy
from collectors.source import SettingsError
from collectors.wire_settings import WireSettings, check_address

LEVELS = frozenset({"domat", "dokhan_mat", "securitylevel", "secretlevel", "secrecy", "confidentiality", "confidential"})
NO_SECRET = frozenset({"0", "thường", "bình thường", "không", "không mật", "normal", "none", "public", "false"})
MARKS = frozenset({"m", "tm", "tum", "mật", "tối mật", "tuyệt mật"})  # the stamps of a notation: 12/BC-UBND-M, 7-TM/TU


@dataclass(frozen=True, slots=True, kw_only=True)
class EdxmlSettings(WireSettings):
    """Either `url` (an axis; paths below it are options) or `path` (a folder that documents are dropped into).

    `ours`: the organs at home here; what is below them is too. `history` "" spares the second question about each changed document.
    `records`, `as_of`, `steps`: paths into the answers of lists and histories, "" for the usual places. `number`, `status`, `created`,
    `updated`: the fields of a list's line. `size`: lines a page; `overlap` in seconds; `concurrency`:
    documents asked for at once; `header_megabytes`: what is read of one document at most. `secret_names`, `open_levels` and
    `secret_marks` say what is restricted and never collected: elements or fields that name a level, the levels that are none, parts
    of a number or notation. Codes in `refused_codes` need a person.
    """

    url: str = ""
    path: str = ""
    quiet: float = 2.0
    lists: tuple[str, ...] = ("/v1/getReceivedEdocList", "/v1/getSentEdocList")
    document: str = "/v1/getEdoc"
    history: str = "/v1/getReceiveStatus"
    ours: tuple[str, ...]
    system_id: str = ""
    secret_env: str = ""
    secret_file: str = ""
    since_param: str = "since"
    since_format: str = "%Y/%m/%d %H:%M:%S"
    page_param: str = "page"
    size_param: str = "size"
    document_param: str = "docId"
    records: str = ""
    as_of: str = ""
    number: str = "docId"
    status: str = "status"
    created: str = "created"
    updated: str = "updated"
    steps: str = ""
    step_status: str = "status"
    step_time: str = "time"
    error_code: str = "error_code"
    message: str = "message"
    refused_codes: frozenset[str] = frozenset({"15"})
    expired_codes: frozenset[str] = frozenset({"401"})
    size: int = 100
    overlap: float = 1.0
    concurrency: int = 4
    header_megabytes: float = 4.0
    secret_names: frozenset[str] = LEVELS
    open_levels: frozenset[str] = NO_SECRET
    secret_marks: frozenset[str] = MARKS

    def check(self, source: str) -> None:
        """What types alone cannot say. Raises SettingsError."""
        if bool(self.url) == bool(self.path):
            raise SettingsError(f"source.{source}: give exactly one of url (an axis) and path (a folder)")
        if self.url:
            check_address(source, "url", self.url)
        self.check_wire(source)
        if not self.ours or not all(self.ours):
            raise SettingsError(f'source.{source}.ours: empty; name the organs at home here, such as ["H22"]')
        if not self.lists or not self.document:
            raise SettingsError(f"source.{source}: lists and document must be given; correct them")
        if not 1 <= self.size <= 5000 or not 1 <= self.concurrency <= 32:
            raise SettingsError(f"source.{source}: size must be from 1 to 5000, concurrency from 1 to 32; correct them")
        if self.header_megabytes <= 0 or self.overlap < 0 or self.quiet < 0:
            raise SettingsError(f"source.{source}: header_megabytes must be above 0, overlap and quiet at least 0; correct them")

    def address(self, path: str) -> str:
        return self.url.rstrip("/") + path

    @property
    def answered(self) -> Answered:
        return Answered(
            records=self.records,
            as_of=self.as_of,
            error=self.error_code,
            message=self.message,
            refused=self.refused_codes,
            expired=self.expired_codes,
        )

    @property
    def secrecy(self) -> Secrecy:
        def small(words: frozenset[str]) -> frozenset[str]:
            return frozenset(word.casefold() for word in words)

        return Secrecy(names=small(self.secret_names), open=small(self.open_levels), marks=small(self.secret_marks))

    @property
    def longest(self) -> int:
        """Bytes within which a document's header must end."""
        return round(self.header_megabytes * 1_000_000)

    @property
    def line_names(self) -> dict[str, str]:
        return {"number": self.number, "status": self.status, "created": self.created, "updated": self.updated}


@dataclass(slots=True)
class SystemKey:
    """X-SystemId and X-SecretKey on each request. After a refusal the secret is read once more: somebody may just have replaced it."""

    system_id: str
    secret: Callable[[], str]
    _key: str = ""

    async def signed(self, request: Request, _post: Post, /) -> Request:
        self._key = self._key or self.secret()
        return request.with_headers(**{"X-SystemId": self.system_id, "X-SecretKey": self._key})

    def renew(self) -> bool:
        before, self._key = self._key, self.secret()
        return self._key != before

    def secrets(self) -> tuple[str, ...]:
        return (self._key,)
