"""The rig of the kind `files`: a JSON file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from collectors.source import Source
from tests.contract.rigs.base import Rig


class FilesRig(Rig):
    """A named JSON file, rewritten when a record changes."""

    kind = "files"
    required = MappingProxyType({"path": "x.csv"})

    async def source(self, records: Iterable[Any], **options: Any) -> Source:
        self.path = self.folder / "ho-so.json"
        self.records = list(records)
        self.write()
        return self.entry(path=self.path.name, **options)

    def write(self) -> None:
        self.path.write_text(json.dumps({"data": self.records}), encoding="utf-8")

    async def break_content(self) -> None:
        self.path.write_text('[{"MaHoSo": "1"}, {"MaHo', encoding="utf-8")

    async def empty_content(self) -> None:
        self.path.write_text("", encoding="utf-8")

    async def mend(self) -> None:
        self.write()

    async def change(self, record: dict[str, Any]) -> None:
        self.records = [r for r in self.records if r["MaHoSo"] != record["MaHoSo"]] + [record]
        self.write()
