"""The rig of the kind `lgsp`: a gateway whose records say when they changed, some by `status`, some by their flags alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from collectors.departments.gateway import DIALECT, Gateway
from collectors.source import Source
from tests.contract.rigs.base import MAPPINGS, PASSWORD, Clock, WiredRig

NAMES = {
    "MaHoSo": "docCode", "TenTTHC": "docTypeName", "TenLinhVuc": "docFieldName", "DonViXuLy": "processingOrganName",
    "NgayTiepNhan": "dateReceived", "NgayHenTra": "dateAppointed", "NgayKetThucXuLy": "finishedDate", "ChuHoSo": "citizenName",
    "SoDienThoai": "citizenPhone", "TrangThaiHoSo": "status", "KenhThucHien": "receptionForm", "CapNhat": "lastUpdate",
}  # fmt: skip
FLAGS: dict[str, dict[str, Any]] = {
    "4": {"isSuccess": False, "isReturned": False},
    "10": {"isSuccess": "1", "isReturned": "1"},
}


def document(record: Any) -> Any:
    """A record of the portal as the gateway hands it on; what is none stays what it is."""
    if not isinstance(record, dict):
        return record
    made = {NAMES.get(name, name): value for name, value in record.items()}
    flags = FLAGS.get(str(made["status"]))
    if flags:
        del made["status"]
    return made | (flags or {})


class LgspRig(WiredRig):
    """A gateway; pages small so that a few records make several."""

    kind = "lgsp"
    many = 23
    theirs = MappingProxyType(NAMES)
    required = MappingProxyType(
        {"url": "http://127.0.0.1:1/", "token_url": "http://127.0.0.1:1/token", "key": "ioc", "secret_env": "SUT_NONE"}
    )

    async def source(self, records: Iterable[Any], **options: Any) -> Source:
        records = [document(record) for record in records]
        self.clock = Clock()
        made = {
            name: options.pop(name) for name in ("secret", "lifetime", "wants", "quota", "stamped", "statistic", "drip") if name in options
        }
        self.department = self.gateway = Gateway(records, clock=self.clock, **made)
        url = await self.stack.enter_async_context(self.department.serving())
        (self.folder / "secret").write_text(made.get("secret") or "any", encoding="utf-8")
        known = {} if "secret_env" in options else {"secret_file": "secret"}
        return self.entry(
            url=url,
            token_url=url.removesuffix(DIALECT.path) + "/token",
            key="ioc",
            mapping=str(MAPPINGS / "lgsp.toml"),
            **{"updated": "lastUpdate", "overlap": 1, "size": 5 if len(records) < 100 else 1000, **known, **options},
        )

    async def secured(self, records: Iterable[Any]) -> Source:
        return await self.source(records, secret=PASSWORD, secret_env="SUT_SECRET")

    async def change(self, record: dict[str, Any]) -> None:
        self.clock.now += timedelta(seconds=60)
        self.gateway.put(document(record))
