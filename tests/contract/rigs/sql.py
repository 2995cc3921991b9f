"""The rig of the kind `sql`: a view in a real PostgreSQL, read by a role that may read nothing else.

A database holds nothing but rows: what is no record elsewhere is a row here with nothing in it that could be read.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from collectors.departments.cabinet import ROW, Cabinet, cabinet
from collectors.mapping import load
from collectors.source import Source
from tests.contract.rigs.base import MAPPINGS, Rig, dossier

NAMED = {name.split(".", 1)[0] for name in load(MAPPINGS / "onestop.toml").declared}  # a view has a column for all the mapping names
COLUMNS = {**dict.fromkeys((*dossier(0), *sorted(NAMED)), "text"), "CapNhat": "timestamptz", "DanhSachHoSoBoSung": "jsonb"}


def row(record: Any) -> Any:
    return record if isinstance(record, dict) else {"DonViXuLy": json.dumps(record, ensure_ascii=False), "CapNhat": dossier(0)["CapNhat"]}


class SqlRig(Rig):
    """A cabinet of its own for each rig; its rows keep the order they came in where their times are equal."""

    kind = "sql"
    many = 23
    small = MappingProxyType({"size": 5})
    required = MappingProxyType({"view": "v", "key": "k", "url_env": "SUT_DATABASE"})
    broken = "the view itself fails"
    wants_database = True

    async def source(self, records: Iterable[Any], **options: Any) -> Source:
        rows = list(map(row, records))
        codes = [each.get("MaHoSo") for each in rows]
        name = f"so_{uuid.uuid4().hex[:10]}"
        opened = cabinet(
            self.database_url, COLUMNS, key="MaHoSo", changed="CapNhat", password="doc", schema=name, role=name,
            twice=len(set(codes)) < len(codes),
        )  # fmt: skip
        self.cabinet: Cabinet = await self.stack.enter_async_context(opened)
        await self.cabinet.put(rows)
        os.environ["SUT_DATABASE"] = self.cabinet.url
        self.stack.callback(os.environ.pop, "SUT_DATABASE")
        given = {"view": f"{name}.v_ho_so", "key": ROW, "watermark": "CapNhat", "url_env": "SUT_DATABASE", "overlap": 1, **options}
        return self.entry(**given)

    async def change(self, record: dict[str, Any]) -> None:
        await self.cabinet.put([{**record, "CapNhat": "20260914120000"}])

    async def break_content(self) -> None:
        columns = ", ".join(f'"{name}"' for name in COLUMNS if name != "NgayHenTra")
        await self.cabinet.show(
            f'select {ROW}, {columns}, (1 / (length("MaHoSo") - length("MaHoSo")))::text "NgayHenTra" from {self.table}'
        )

    async def empty_content(self) -> None:
        await self.cabinet.show("select 1 as nothing")

    async def mend(self) -> None:
        await self.cabinet.show()

    @property
    def table(self) -> str:
        return f"{self.cabinet.schema}.bang_v_ho_so"
