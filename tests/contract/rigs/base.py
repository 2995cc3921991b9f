"""What the rigs and the contract share: a record of the portal, a clock moved by hand, a recorder in the store's place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collectors.departments.desk import Desk
from collectors.departments.dialects import ONESTOP
from collectors.departments.knobs import Fault
from collectors.poll import Retries
from collectors.source import Source
from collectors.sources import build
from ioc.config import SourceEntry
from ioc.model import Applied, BadRow, Batch, Gone, Item

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
MAPPINGS = Path(__file__).resolve().parents[3] / "examples" / "mappings"
ONCE = Retries(tries=1)
PASSWORD = "mật khẩu"


@dataclass(slots=True)
class Recorder:
    """Keeps what batches say, as the store would: later wins, the cursor moves with the items. `stop_after` batches it dies."""

    position: str | None = None
    items: dict[str, Item] = field(default_factory=dict)
    bad: dict[str, BadRow] = field(default_factory=dict)
    positions: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    stop_after: int = 1_000_000

    async def cursor(self, source: str) -> str | None:
        return self.position

    async def apply(self, source: str, batch: Batch, now: datetime) -> Applied:
        if len(self.positions) >= self.stop_after:
            raise Killed
        changed = 0
        for item in batch.items:
            if isinstance(item, Gone):
                changed += self.items.pop(item.code, None) is not None
            else:
                changed += self.items.get(item.code) != item
                self.items[item.code] = item
        self.bad |= {row.raw_hash: row for row in batch.bad}
        self.position = batch.position
        self.positions.append(batch.position)
        self.sizes.append(len(batch.items) + len(batch.bad))
        return Applied(read=len(batch.items) + len(batch.bad), changed=changed, quarantined=len(batch.bad))


class Killed(BaseException):
    """The process ends here."""


@dataclass(slots=True)
class Clock:
    """The departments' clock, moved by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def dossier(number: int, **changes: Any) -> dict[str, Any]:
    """A record as the one-stop system serves it; citizens in it are invented."""
    changed = NOW - timedelta(days=5) + timedelta(seconds=number)
    return {
        "MaHoSo": f"H99.14-260915-{number:04}",
        "TenTTHC": "Cấp giấy phép xây dựng",
        "TenLinhVuc": "Xây dựng",
        "DonViXuLy": "SXD",
        "KenhThucHien": "2",
        "TrangThaiHoSo": "4",
        "NgayTiepNhan": "20260901083000",
        "NgayHenTra": "20260920170000",
        "NgayKetThucXuLy": "",
        "ChuHoSo": "Nguyễn Văn Thử",
        "SoDienThoai": "0900000000",
        "CapNhat": ONESTOP.date(changed),
        **changes,
    }


class Rig(ABC):
    """The outside world of one kind of source: put records there, get a source that reads them.

    Records are given in the national portal's shape (`dossier`); a rig whose system speaks otherwise translates them on the way in.
    """

    kind: str
    many = 10_001  # records enough for three batches
    plenty = 5003  # records enough for two, whatever the options
    small: Mapping[str, Any] = {}  # options under which 23 records are three batches, where the kind has such
    required: Mapping[str, Any] = {}  # options without which an entry is refused before its mapping is looked at
    theirs: Mapping[str, str] = {}  # field of the portal -> its name here, as messages must say it
    wants_database: bool = False  # its world stands in a PostgreSQL, whose address it is given
    broken = "broken JSON"  # what is said of content that ends in the middle
    database_url = ""
    calls_us: bool = False  # it has no cursor, and what cannot be read is told to the caller: test_push.py
    lacks: frozenset[str] = frozenset()  # facts of an item this kind of system does not have

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self.folder = folder
        self.stack = stack

    @abstractmethod
    async def source(self, records: Iterable[Any], **options: Any) -> Source:
        """A source that finds these records."""

    @abstractmethod
    async def change(self, record: dict[str, Any]) -> None:
        """A record changes, or is new."""

    @abstractmethod
    async def break_content(self) -> None:
        """What is read next ends in the middle."""

    @abstractmethod
    async def empty_content(self) -> None:
        """What is read next is nothing of the kind."""

    @abstractmethod
    async def mend(self) -> None: ...

    def named(self, field: str) -> str:
        return self.theirs.get(field, field)

    def entry(self, **options: Any) -> Source:
        values = {"name": "sut", "type": self.kind, "mapping": str(MAPPINGS / "onestop.toml"), **options}
        return build(SourceEntry.model_validate(values), self.folder)


class WiredRig(Rig):
    """A rig whose system answers over HTTP: what can go wrong on the wire is tried on each of them."""

    department: Desk
    clock: Clock
    sessions: bool = True  # it logs in for a session, which may expire; a rig without one says so
    words: Mapping[Fault, str] = {}  # how a failure is told here, where that differs from the kind `rest`
    reopens = True  # asked by GET: a kept connection that was closed is opened anew by the client itself, once

    @abstractmethod
    async def secured(self, records: Iterable[Any]) -> Source:
        """A source that logs in with the secret in SUT_SECRET, at a system whose secret is PASSWORD."""

    async def break_content(self) -> None:
        self.department.fault = Fault.BROKEN

    async def empty_content(self) -> None:
        self.department.fault = Fault.HTML

    async def mend(self) -> None:
        self.department.fault = None
