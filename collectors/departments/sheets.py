"""Offices of the demo that send sheets: the yearly indices as XLSX, the week's paper votes as CSV, dropped into folders we read.

They look like what people send: title lines, merged header cells, decimal commas, a byte order mark. A file stays written once, also
after it was taken up and moved (to done/ or failed/ beside it). A desk of its own lists what was dropped and takes the knobs.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from openpyxl import Workbook

from collectors.departments.desk import Desk

Sheet = tuple[str, bytes]  # a file's name and content
TAKEN_TO = ("done", "failed")


class Sheets(Desk):
    """`due` answers the sheets that should have been sent by an instant; every `every` seconds those not sent yet are dropped."""

    def __init__(
        self, due: Callable[[datetime], Iterable[Sheet]], *, folder: Path, clock: Callable[[], datetime], every: float = 30.0
    ) -> None:
        super().__init__(clock=clock)
        self.folder = folder
        self._due, self._every = due, every

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/bieu-mau", self._listed)]

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[str]:
        async with super().serving(port) as url:
            self.drop()
            dropping = asyncio.create_task(self._dropping())
            try:
                yield url
            finally:
                dropping.cancel()
                with suppress(asyncio.CancelledError):
                    await dropping

    def drop(self) -> list[str]:
        """Write what is due and was never written; the names. Nothing while the knob `silent` or `yesterday` is turned."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.knobs.silent or self.knobs.yesterday:
            return []
        written = []
        for name, content in self._due(self.clock()):
            if not any((place / name).exists() for place in (self.folder, *(self.folder / taken for taken in TAKEN_TO))):
                hidden = self.folder / f".{name}"  # so that nobody reads half of it
                hidden.write_bytes(content)
                hidden.rename(self.folder / name)
                written.append(name)
        return written

    async def _dropping(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await asyncio.to_thread(self.drop)

    async def _listed(self, request: web.Request) -> web.StreamResponse:
        return await self.respond(request, lambda _repeat: sorted(path.name for path in self.folder.rglob("*") if path.is_file()))


def as_csv(header: list[str], rows: Iterable[list[Any]]) -> bytes:
    """A sheet as people save it: semicolons, decimal commas, a byte order mark."""
    text = io.StringIO()
    table = csv.writer(text, delimiter=";", lineterminator="\r\n")
    table.writerow(header)
    table.writerows([str(cell).replace(".", ",") if isinstance(cell, float) else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(title: str, header: list[str], rows: Iterable[list[Any]]) -> bytes:
    """A workbook of one sheet: a merged title over the table, an empty line, the header, the rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Biểu"
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(header))
    sheet.append([])
    sheet.append(header)
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
