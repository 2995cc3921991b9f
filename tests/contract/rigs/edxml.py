"""The rig of the kind `edxml`: a document axis. A record of the portal is a document that came in for the office it names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from collectors.departments.axis import Axis
from collectors.source import Source
from tests.contract.rigs.base import MAPPINGS, PASSWORD, Clock, WiredRig

STATUS = {"2": "03", "3": "02", "4": "05", "9": "06", "10": "06"}


def document(record: Any) -> Any:
    """The same as a document of the axis; the citizen stands where a subject and a signer do."""
    if not isinstance(record, dict):
        return record
    return {
        "DocumentId": record["MaHoSo"],
        "From": {"OrganId": "G01.01", "OrganName": "Văn phòng"},
        "To": {"OrganId": record["DonViXuLy"]},
        "CodeNumber": "12",
        "CodeNotation": "CV",
        "TypeName": record["TenLinhVuc"],
        "Subject": f"V/v hồ sơ của {record['ChuHoSo']}, điện thoại {record['SoDienThoai']}",
        "Signer": record["ChuHoSo"],
        "DueDate": "2026/09/20",
        "Priority": "0",
        "BussinessDocType": "0",
        "Signed": True,
        "Status": STATUS.get(record["TrangThaiHoSo"], record["TrangThaiHoSo"]),
        "Timestamp": record["NgayTiepNhan"],
        "Finished": record["NgayKetThucXuLy"],
        "Updated": record["CapNhat"],
    }


class EdxmlRig(WiredRig):
    """An axis. Each document is a question of its own, so `plenty` are fewer here, and they are asked for one after the other, so that
    it is known which question a fault meets; a key on each request takes a session's place."""

    kind = "edxml"
    many = 23
    plenty = 203
    sessions = False
    small = MappingProxyType({"size": 5})
    required = MappingProxyType({"url": "http://127.0.0.1:1", "ours": ["H99"]})
    theirs = MappingProxyType({"NgayTiepNhan": "Received", "TrangThaiHoSo": "Status"})
    lacks = frozenset({"channel"})

    async def source(self, records: Iterable[Any], **options: Any) -> Source:
        self.clock = Clock()
        made = {name: options.pop(name) for name in ("system_id", "secret", "page_size", "drip") if name in options}
        self.department = self.axis = Axis(map(document, records), clock=self.clock, **made)
        url = await self.stack.enter_async_context(self.department.serving())
        self.url = url.removesuffix("/v1/getReceivedEdocList")
        return self.entry(**{"url": self.url, "size": 100, "concurrency": 1, "ours": ["H99"], **options})

    async def secured(self, records: Iterable[Any]) -> Source:
        await self.source(records, system_id="H99", secret=PASSWORD)
        return self.entry(url=self.url, ours=["H99"], system_id="H99", secret_env="SUT_SECRET")

    async def change(self, record: dict[str, Any]) -> None:
        self.clock.now += timedelta(seconds=60)
        self.axis.put(document(record))

    def entry(self, **options: Any) -> Source:
        return super().entry(**{"mapping": str(MAPPINGS / "edxml.toml"), **options})
