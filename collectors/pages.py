"""One answer of a list as the walk sees it and as the store takes it. Called by the sources that read lists page by page."""

from __future__ import annotations

import asyncio
from datetime import datetime

from collectors.answer import Answer
from collectors.fields import as_text, find
from collectors.reading import Reader
from collectors.records import raw_hash
from collectors.rows import read_rows
from collectors.source import BadItem
from collectors.walk import Page
from ioc.model import Batch

AT_ONCE = 200  # records read without leaving the event loop; more go to a thread, so that screens are not held up
LONGEST_CHANGE = 40


def page_of(answer: Answer, reader: Reader, updated: str) -> Page:
    """When each record last changed and what tells it from others. `updated`: their field for the last change, "" where there is none."""
    changes = [change(record, updated) for record in answer.records]
    pairs = zip(answer.records, changes, strict=True)
    return Page(
        changes=changes, keys=frozenset((reader.code_of(record) or raw_hash(record), at) for record, at in pairs), total=answer.total
    )


async def batch_of(answer: Answer, reader: Reader, position: str, now: datetime) -> Batch:
    """The records read, with the position that follows them."""
    few = len(answer.records) <= AT_ONCE
    read = read_rows(reader, answer.records, now) if few else await asyncio.to_thread(read_rows, reader, answer.records, now)
    return Batch(position=position, items=read.items, figures=read.figures, bad=read.bad, fields=read.fields, as_of=answer.as_of)


def change(record: object, updated: str) -> str:
    """A record's last change as the server wrote it; "" where there is none."""
    if not updated or not isinstance(record, dict):
        return ""
    try:
        text = as_text(find(record, updated)) or ""
    except BadItem:
        return ""
    return text if len(text) <= LONGEST_CHANGE else ""
