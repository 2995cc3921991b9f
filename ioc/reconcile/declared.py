"""What a published figure is in our own words: counted from items, computed from reported figures, or nothing we could derive. Pure.

A figure that is called like an indicator, a rate or a reported figure of ours is that one; the table below holds those called otherwise.
A name that ends in "_at_least" was published as "more than": ours must reach it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ioc import figures
from ioc.indicators import BY_NAME, RATE_BY_NAME

AT_LEAST = "_at_least"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """`counts`: the sum of these indicators; `whole`: and 100 x that sum by this one, a rate. `told`: the sum of these reported figures;
    `share`: a declared rate over such. One of the three kinds."""

    counts: tuple[str, ...] = ()
    whole: str = ""
    told: tuple[str, ...] = ()
    share: str = ""
    at_least: bool = False

    @property
    def counted(self) -> bool:
        return bool(self.counts)

    @property
    def kind(self) -> str:
        """The kind of item it is counted from."""
        return "document" if self.counts[0].startswith("documents") else "task" if self.counts[0].startswith("tasks") else "dossier"


NAMED = {
    "documents_processed": Ours(counts=("documents_in", "documents_out")),
    "signed_rate": Ours(counts=("documents_signed",), whole="documents_out"),
    "satisfaction": Ours(share="satisfaction_rate"),
    "procedures": Ours(told=figures.LEVELS),
    "procedures_fully_online": Ours(told=("procedures_full",)),
    "procedures_partly_online": Ours(told=("procedures_partial",)),
    "procedures_information_only": Ours(told=("procedures_info",)),
    "procedures_online": Ours(told=("procedures_full", "procedures_partial")),
    "service_index_766": Ours(told=("index766",)),
    "service_index_766_rank": Ours(told=("index766_rank",)),
    # totals our sources report of dossiers (ioc/figures.py); on time includes early there
    "reported_received": Ours(counts=("dossiers_received",)),
    "reported_carried_over": Ours(counts=("dossiers_carried_over",)),
    "reported_online": Ours(counts=("dossiers_received_online",)),
    "reported_resolved": Ours(counts=("dossiers_resolved",)),
    "reported_on_time": Ours(counts=("dossiers_early", "dossiers_on_time")),
    "reported_late": Ours(counts=("dossiers_late",)),
    "reported_in_progress": Ours(counts=("dossiers_in_progress",)),
    "reported_overdue": Ours(counts=("dossiers_overdue",)),
    "reported_waiting": Ours(counts=("dossiers_waiting",)),
    "reported_returned": Ours(counts=("dossiers_returned",)),
}

# How else systems count: (the figure is of these, these may be counted in as well, in words). domain.md 1.1: states 5, 6, 8 sent as 9.
OTHER_STATES: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("dossiers_in_progress", ("dossiers_waiting",), "tính cả hồ sơ đang chờ bổ sung là đang giải quyết", "waiting counted as in progress"),
    ("dossiers_resolved", ("dossiers_waiting",), "tính hồ sơ chờ bổ sung (5, 6, 8) là đã xử lý xong", "waiting (5, 6, 8) counted as done"),
    ("dossiers_resolved", ("dossiers_returned",), "tính cả hồ sơ trả lại, rút là đã giải quyết", "returned counted as resolved"),
    ("dossiers_received", ("dossiers_excluded",), "tính cả hồ sơ chưa hoặc không tiếp nhận", "not received and refused counted in"),
    ("dossiers_received", ("dossiers_carried_over",), "tính cả hồ sơ kỳ trước chuyển sang", "carried over counted in"),
)


def ours(figure: str) -> Ours | None:
    """What we can hold a published figure against; None: nothing of ours derives it."""
    name = figure.removesuffix(AT_LEAST)
    found = NAMED.get(name)
    if found is None and name in RATE_BY_NAME:
        found = Ours(counts=RATE_BY_NAME[name].parts, whole=RATE_BY_NAME[name].whole)
    elif found is None and name in BY_NAME:
        found = Ours(counts=(name,))
    elif found is None and name in figures.RATES:
        found = Ours(share=name)
    elif found is None and name in figures.BY_NAME:
        found = Ours(told=(name,))
    return replace(found, at_least=figure.endswith(AT_LEAST)) if found else None
