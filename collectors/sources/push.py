"""The source `push`: a department system that calls us. What it sends is signed; the route in ioc/server/push.py takes it in.

`verified` and `opened` judge one call, purely; what passes is an Arrival, which waits in the inbox until `fetch` hands it out as one
batch, so that pushed records go the way all others go. There is no cursor: a caller that got no answer sends again, and the same records
twice change nothing. Being asked while nothing has arrived is no error and brings nothing.

    signature = HMAC-SHA256(secret, timestamp + "." + body), in X-IOC-Signature as sha256=<hex>; X-IOC-Timestamp in Unix seconds
"""

from __future__ import annotations

import hmac
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from collections.abc import Mapping as Plain
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from collectors.answer import Envelope, decode, open_envelope
from collectors.readers import load
from collectors.reading import Mapping, Read, Reader
from collectors.records import raw_hash
from collectors.rows import read_rows
from collectors.settings import secret_of, settle
from collectors.source import SettingsError, Unavailable
from ioc.config import SourceEntry
from ioc.model import BadRow, Batch
from ioc.privacy import told

TIMESTAMP, SIGNATURE = "X-IOC-Timestamp", "X-IOC-Signature"
SHORTEST_SECRET = 16  # characters
_STAMP = re.compile(r"\d{9,11}", re.ASCII)
_SIGNED = re.compile(r"sha256=([0-9a-fA-F]{64})", re.ASCII)


class Rejected(Exception):  # noqa: N818  errors here are named by what to do about them
    """A call that is not taken: the HTTP status, a code, and what to do in both languages. `retry_after` in seconds."""

    def __init__(self, status: int, code: str, vi: str, en: str, retry_after: float | None = None) -> None:
        super().__init__(en)
        self.status, self.code, self.vi, self.en, self.retry_after = status, code, vi, en, retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """The options of a `push` source. The secret both sides know is named, never written here.

    `records` and `as_of` are paths into what is sent, as in `rest`. `skew`: seconds the caller's clock may differ from ours.
    `per_minute`: calls a minute at most.
    """

    secret_env: str = ""
    secret_file: str = ""
    records: str = ""
    as_of: str = ""
    max_megabytes: float = 4.0
    max_records: int = 5000
    per_minute: int = 120
    skew: float = 300.0

    def check(self, source: str) -> None:
        """What types alone cannot say. Raises SettingsError."""
        if not (0 < self.max_megabytes <= 64 and 0 < self.max_records <= 50_000):
            raise SettingsError(f"source.{source}: max_megabytes must be from 0 to 64 and max_records from 1 to 50000; correct them")
        if self.per_minute < 1 or not 1 <= self.skew <= 900:
            raise SettingsError(f"source.{source}: per_minute must be at least 1 and skew from 1 to 900; correct them")

    @property
    def most_bytes(self) -> int:
        return round(self.max_megabytes * 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record of a call. `keys`: the codes of what it was read into; `reason`: why it could not be read, wholly or in part."""

    code: str | None
    keys: frozenset[str] = frozenset()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One call that was taken in: what its records were read into, and each of them. `as_of`: when they were true."""

    read: Read
    lines: Sequence[Line]
    signature: bytes
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSource:
    """One system that calls us."""

    name: str
    mapping: Reader
    settings: PushSettings
    secret: Callable[[], str]
    inbox: deque[Arrival] = field(default_factory=deque)

    @classmethod
    def declared(cls, entry: SourceEntry, folder: Path) -> PushSource:
        """The source of a configuration entry; paths are relative to `folder`. Raises SettingsError or MappingError."""
        settings = settle(PushSettings, entry.options, entry.name)
        settings.check(entry.name)
        secret = secret_of(entry.name, "secret", entry.options, folder)
        return cls(name=entry.name, mapping=load(folder / entry.mapping), settings=settings, secret=_long_enough(entry.name, secret))

    async def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:  # noqa: ARG002  part of Source
        """What has arrived, one batch a call; a call leaves the inbox when it is stored, that is when the next is asked for."""
        while self.inbox:
            arrival = self.inbox[0]
            read = arrival.read
            yield Batch(position=None, items=read.items, figures=read.figures, bad=read.bad, fields=read.fields, as_of=arrival.as_of)
            self.inbox.popleft()

    def holding(self, arrival: Arrival) -> PushSource:
        """This source with one call in its inbox and nothing else, so that two calls under way never empty each other's."""
        return replace(self, inbox=deque([arrival]))

    def accept(self, headers: Plain[str, str], body: bytes, now: datetime) -> Arrival:
        """One whole call: signed, in time, readable. Raises Rejected, or SettingsError when our own secret cannot be read."""
        stamp, signature = announced(headers, now, self.settings.skew)
        verify(self.secret(), stamp, signature, body)
        return self.opened(stamp, signature, body, now)

    def opened(self, stamp: str, signature: bytes, body: bytes, now: datetime) -> Arrival:
        """The records of a call whose signature is right. Raises Rejected."""
        settings = self.settings
        try:
            answer = open_envelope(decode(body), Envelope(records=settings.records, as_of=settings.as_of), self.mapping.zone)
        except Unavailable as error:
            said = str(error).replace("the answer", "the body", 1)
            raise Rejected(422, "unreadable", "Nội dung gửi không đọc được; cần JSON có danh sách bản ghi.", said) from None
        if len(answer.records) > settings.max_records:
            count, most = len(answer.records), settings.max_records
            vi = f"Có {count} bản ghi, mỗi lần gửi tối đa {most}; hãy chia nhỏ."
            raise Rejected(413, "too_many_records", vi, f"{count} records, at most {most} a call; split them")
        read, lines = _read(self.mapping, answer.records, now)
        return Arrival(read=read, lines=lines, signature=signature, as_of=answer.as_of or datetime.fromtimestamp(int(stamp), UTC))


def _long_enough(source: str, secret: Callable[[], str]) -> Callable[[], str]:
    def read() -> str:
        found = secret()
        if len(found) < SHORTEST_SECRET:
            raise SettingsError(f"source.{source}.secret: shorter than {SHORTEST_SECRET} characters; agree on a longer one")
        return found

    return read


def sign(secret: str, stamp: str, body: bytes) -> bytes:
    """The signature of a call, 32 bytes."""
    return hmac.digest(secret.encode(), stamp.encode() + b"." + body, sha256)


def announced(headers: Plain[str, str], now: datetime, skew: float) -> tuple[str, bytes]:
    """The timestamp and the signature a call comes with, before its body is looked at. Raises Rejected."""
    stamp, signed = headers.get(TIMESTAMP, ""), _SIGNED.fullmatch(headers.get(SIGNATURE, ""))
    if not _STAMP.fullmatch(stamp) or signed is None:
        vi = f"Thiếu hoặc sai tiêu đề {TIMESTAMP} / {SIGNATURE}."
        raise Rejected(401, "not_signed", vi, f"{TIMESTAMP} (Unix seconds) and {SIGNATURE} (sha256=<64 hex digits>) are needed")
    ahead = int(stamp) - now.timestamp()
    if abs(ahead) > skew:
        vi = f"Đồng hồ của hệ thống gửi lệch {abs(ahead):.0f} giây (cho phép {skew:.0f}); hãy đồng bộ thời gian."
        way = "ahead of" if ahead > 0 else "behind"
        en = f"the timestamp is {abs(ahead):.0f} s {way} our clock, at most {skew:.0f} are allowed; set the clock, sign each call anew"
        raise Rejected(401, "wrong_time", vi, en)
    return stamp, bytes.fromhex(signed[1])


def verify(secret: str, stamp: str, signature: bytes, body: bytes) -> None:
    """Whether the caller knows the secret; takes as long for a wrong signature as for a right one. Raises Rejected."""
    if not hmac.compare_digest(sign(secret, stamp, body), signature):
        vi = "Chữ ký không đúng; kiểm tra khóa bí mật và cách ký."
        raise Rejected(
            401, "wrong_signature", vi, "the signature is wrong; check the secret, and sign timestamp + '.' + the very bytes sent"
        )


def results(arrival: Arrival, refused: Iterable[BadRow]) -> list[dict[str, Any]]:
    """What became of each record, in the order sent. `refused`: what was read well but could not be kept."""
    reasons = {row.code: row.reason for row in refused if row.code}
    answers: list[dict[str, Any]] = []
    for n, line in enumerate(arrival.lines):
        reason = line.reason or next((reasons[key] for key in sorted(line.keys) if key in reasons), "")
        answers.append({"n": n, "code": told(line.code), "result": "quarantined" if reason else "kept", "reason": reason})
    return answers


def _read(reader: Reader, records: list[object], now: datetime) -> tuple[Read, list[Line]]:
    """What the records are read into, and what becomes of each: each is read by itself, unless several rows make one item."""
    if isinstance(reader, Mapping) and reader.last_by is not None:
        whole = read_rows(reader, records, now)
        bad = {row.raw_hash: row.reason for row in whole.bad} | {row.code: row.reason for row in whole.bad if row.code}
        codes = [reader.code_of(record) for record in records]
        reasons = [bad.get(raw_hash(record)) or bad.get(code or "") or "" for record, code in zip(records, codes, strict=True)]
        return whole, [Line(code=c, keys=frozenset(filter(None, [c])), reason=r) for c, r in zip(codes, reasons, strict=True)]
    whole, lines = Read(), []
    for record in records:
        own = reader.read_all([record], now)
        keys = {item.code for item in own.items} | {f"{figure.name}/{figure.unit}/{figure.period}" for figure in own.figures}
        lines.append(Line(code=reader.code_of(record), keys=frozenset(keys), reason=own.bad[0].reason if own.bad else ""))
        whole.items += own.items
        whole.figures += own.figures
        whole.bad += own.bad
        whole.fields |= own.fields
    return whole, lines
