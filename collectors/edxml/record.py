"""An envelope and what its axis says of it, as the plain record a mapping reads. Pure; called by the edxml source.

The record's names (examples/mappings/edxml.toml reads them): DocumentId, OrganId (the unit of ours), Direction (in, out), Status, Received,
Finished, Updated, DueDate, Priority, TypeName, SteeringType, Signed; and Taken for a document that was taken back or replaced.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collectors.edxml.envelope import Envelope
from collectors.fields import CODE_LENGTH, as_text, composed, find
from collectors.source import BadItem

NEW, RECALL, UPDATE, REPLACE = "0", "1", "2", "3"
REFUSED, DONE, ASKED, AGREED, DECLINED = "02", "06", "13", "15", "16"
DIALOGUE = frozenset({ASKED, AGREED, DECLINED})  # steps of taking back; the handling stands where it stood
ON_ITS_WAY = frozenset({"01", "03", "04", "05", DONE, *DIALOGUE})
_DAY = re.compile(r"\d{4}([/-])\d{1,2}\1\d{1,2}|\d{1,2}/\d{1,2}/\d{4}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an axis' list: its own number of a document, how far it is, when it came and when that was last heard of.

    `changed` tells this state of the document from the next one.
    """

    number: str
    status: str = ""
    created: str = ""
    updated: str = ""

    @property
    def changed(self) -> str:
        return f"{self.updated}/{self.status}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of a document's history."""

    status: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrecy:
    """What makes a document a restricted one (mật, tối mật, tuyệt mật), which is never collected.

    `names` of elements and list fields that tell a level, in small letters; `open`: the levels that are none, every other one is;
    `marks`: parts of a number or notation that stand for a level.
    """

    names: frozenset[str]
    open: frozenset[str]
    marks: frozenset[str]

    def hides(self, envelope: Envelope) -> bool:
        written = f"{envelope.number}/{envelope.notation}"
        return self._closed(envelope.secrecy) or self._marked(written) or self._marked(envelope.document_id)

    def hides_line(self, line: Mapping[str, Any], number: str = "") -> bool:
        """Whether the list says so already, be it by the number: then the document is not even asked for."""
        return self._marked(number) or self._closed(
            [as_text(value) or "?" for name, value in line.items() if name.casefold() in self.names and value is not None]
        )

    def _closed(self, levels: Sequence[str]) -> bool:
        return any(composed(level).casefold() not in self.open for level in levels if level.strip())

    def _marked(self, written: str) -> bool:
        parts = re.split(r"[\s/().,_-]+", composed(written).casefold())
        return any(f" {mark} " in f" {' '.join(parts)} " for mark in self.marks)


def line_of(entry: Mapping[str, Any], names: Mapping[str, str]) -> Line:
    """A line of the list; `names` says what number, status, created and updated are called here. Raises BadItem without a number."""
    found = {ours: as_text(find(entry, theirs)) or "" for ours, theirs in names.items() if theirs}
    line = Line(**{ours: composed(text)[:200] for ours, text in found.items()})
    if not line.number:
        raise BadItem(f"missing {names['number']}, the number of the document; the other side must send it")
    return line


def is_ours(organ: str, ours: Sequence[str]) -> bool:
    """Whether an organ is one of ours or below it, in either way of writing: H22, H22.1.2 and 000.00.01.H22."""
    return any(organ == each or organ.startswith(f"{each}.") or organ.endswith(f".{each}") for each in ours)


def records(envelope: Envelope, line: Line, history: Sequence[Step], ours: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The record of a document, or those of the documents it takes back; none for a recall nobody has agreed to."""
    steps = history or (Step(status=line.status, time=line.updated),)
    status, code = line.status or steps[-1].status, code_of(envelope.document_id)
    others = [older for older in map(code_of, envelope.replaces) if older and older != code]
    if envelope.business == RECALL:
        for taken in (others or [code]) if status == AGREED else ():
            yield _taken(taken, line)
        return
    if envelope.business in (UPDATE, REPLACE) and status not in (REFUSED, ASKED, DECLINED):
        for taken in others:
            yield _taken(taken, line)
    yield _taken(code, line) if status == AGREED and envelope.business not in (UPDATE, REPLACE) else _document(envelope, line, steps, ours)


def _document(envelope: Envelope, line: Line, steps: Sequence[Step], ours: Sequence[str]) -> dict[str, Any]:
    out = is_ours(envelope.sender, ours)
    times = [trace.time for trace in envelope.traces if trace.time]
    here = [trace.time for trace in envelope.traces if trace.time and is_ours(trace.organ, ours)]
    received = (times[0] if out else (here or times)[-1]) if times else line.created
    status = _standing(line.status, steps)
    finished = _time_of(status, steps) or line.updated if status in (DONE, REFUSED) else ""
    if out and status in ON_ITS_WAY:  # what the receivers do with it is their deadline, not ours
        status, finished = "sent", received
    return {
        "DocumentId": code_of(envelope.document_id),
        "OrganId": envelope.sender
        if out
        else next((each for each in envelope.receivers if is_ours(each, ours)), (*envelope.receivers, "")[0]),
        "Direction": "out" if out else "in",
        "Status": status,
        "Received": received,
        "Finished": finished,
        "Updated": line.updated,
        "DueDate": end_of(envelope.due),
        "Priority": envelope.priority,
        "TypeName": envelope.type_name or envelope.type,
        "SteeringType": envelope.steering,
        "Signed": envelope.signed,
        "Taken": False,
    }


def _standing(status: str, steps: Sequence[Step]) -> str:
    """How far the handling is: during the dialogue of taking back, where it stood before."""
    if status not in DIALOGUE:
        return status or steps[-1].status
    return next((step.status for step in reversed(steps) if step.status not in DIALOGUE), status)


def _time_of(status: str, steps: Sequence[Step]) -> str:
    return next((step.time for step in reversed(steps) if step.status == status), "")


def _taken(code: str, line: Line) -> dict[str, Any]:
    return {"DocumentId": code, "Taken": True, "Updated": line.updated}


def end_of(day: str) -> str:
    """A deadline that is a day lasts until the day's end."""
    return f"{day} 23:59:59" if _DAY.fullmatch(day) else day


def code_of(document_id: str) -> str:
    """A DocumentId as an item's code: itself, or its beginning and 16 digits of its SHA-256 when it is longer than a code may be."""
    text = composed(document_id)
    if len(text) <= CODE_LENGTH:
        return text
    return f"{text[: CODE_LENGTH - 17]}~{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"
