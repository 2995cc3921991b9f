"""What else is true of a case, drawn from its code alone: its fee, how it was paid, its papers, the deadline of its step. Pure.

Every system that shows a dossier says the same of it, whenever it is asked: the one-stop system in the record, the payment and the
digitisation systems in their totals, the index in its points.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

from collectors.departments.province_cases import Case, Step, calendar, days, hours, later
from collectors.departments.province_procedures import FEES
from ioc.model import State, Trait, Way

# What is drawn of a code, and which three bytes of its hash answer.
QUESTIONS = {
    what: 3 * n
    for n, what in enumerate((
        "paid", "papers", "reused", "result", "portal", "lag", "step", "urgent", "secret", "axis", "partner", "assigner", "extended",
        "share", "voting", "vote", "sending", "refusal", "apology",
    ))
}  # fmt: skip
PAID_ONLINE = {Way.ONLINE: 0.66, Way.POST: 0.3, Way.COUNTER: 0.14}
DIGITISED, REUSED, ELECTRONIC = 0.86, 0.34, 0.83
NATIONAL_MISSING, NATIONAL_ONLY = 0.005, 0.002
SENT_EARLY = 0.02  # of the online dossiers: the office took its time to receive them
REFUSED_SLOWLY = 0.4  # of the refused ones
APOLOGISED = 0.62  # of the late ones of which the applicant is told
RESTRICTED = 0.006  # of the letters on the axis
LAG_MINUTES = (2.0, 14.0)  # until the national portal shows a change


def chance(code: str, what: str) -> float:
    """A number in [0, 1) that belongs to this code and question, independent of every other; `what` is one of QUESTIONS."""
    place = QUESTIONS[what]
    return int.from_bytes(_drawn(code)[place : place + 3], "big") / (1 << 24)


@lru_cache(maxsize=256)  # the questions about one code come together
def _drawn(code: str) -> bytes:
    return blake2b(code.encode(), digest_size=64).digest()


def fee(case: Case) -> int:
    """What is to be paid, in đồng; 0: nothing."""
    return FEES.get(case.procedure.code, 0) if case.procedure else 0


def paid_online(case: Case) -> bool:
    return bool(fee(case)) and chance(case.code, "paid") < PAID_ONLINE[case.way]


def digitised(case: Case) -> bool:
    """Whether its papers were digitised when it was received."""
    return chance(case.code, "papers") < DIGITISED and case.state not in (State.SUBMITTED, State.REFUSED)


def traits(case: Case) -> frozenset[Trait]:
    """What holds of a dossier as it stands; of one never received only its fee."""
    held = {Trait.FEE} if fee(case) else set()
    if case.state in (State.SUBMITTED, State.REFUSED):
        return frozenset(held)
    if paid_online(case):
        held.add(Trait.PAID_ONLINE)
    if digitised(case):
        held.add(Trait.DIGITISED)
        if chance(case.code, "reused") < REUSED:
            held.add(Trait.REUSED)
    if case.state is State.DONE and chance(case.code, "result") < ELECTRONIC:
        held.add(Trait.ELECTRONIC_RESULT)
    return frozenset(held)


def nationally_missing(case: Case) -> bool:
    """The national portal never got it."""
    return chance(case.code, "portal") < NATIONAL_MISSING


def national_only(case: Case) -> bool:
    """The national portal holds a second dossier beside it that no system of the province knows."""
    return chance(case.code, "portal") > 1 - NATIONAL_ONLY


def restricted_beside(case: Case) -> bool:
    """A letter on the axis that has a restricted one beside it."""
    return chance(case.code, "secret") < RESTRICTED


def lag(case: Case) -> timedelta:
    """Until the national portal shows a change; one stretch a dossier, so that its changes stay in order."""
    low, high = LAG_MINUTES
    return timedelta(minutes=low + (high - low) * chance(case.code, "lag"))


def sent_early(code: str, received: datetime) -> datetime | None:
    """When a dossier was sent in whose reception took more than a working day; None for all others."""
    drawn = chance(code, "sending") / SENT_EARLY
    return calendar().before(received, hours(8.5 + 12 * drawn)) if drawn < 1 else None


def refusal(code: str) -> float:
    """Working days until an office says that it will not take a dossier: most say so within hours, some after days."""
    drawn = chance(code, "refusal") / REFUSED_SLOWLY
    return 1.2 + 2.3 * drawn if drawn < 1 else 0.3


def apology(case: Case) -> datetime | None:
    """When the office would say sorry for a dossier it will not finish in time: most a day and more before its deadline, some after it."""
    drawn = chance(case.code, "apology") / APOLOGISED
    if drawn >= 1 or case.due is None:
        return None
    early = max(case.received, calendar().before(case.due, days(1.1 + 0.5 * drawn)))
    return early if drawn < 0.6 else later(case.due, 0.2 + 0.8 * drawn)


def step_due(case: Case) -> datetime | None:
    """When the present step should be over: a share of what was left of the time when it began. Only of dossiers being worked on."""
    if case.state is not State.WORKING or case.due is None or case.step is Step.SIGNED:
        return None
    left = calendar().elapsed(case.changed, case.due)
    if not left:
        return case.due
    return min(case.due, later(case.changed, left * (0.55 + 0.4 * chance(case.code, "step"))))


def urgency(case: Case) -> int:
    """0 ordinary, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc; the shorter the time given, the more often."""
    drawn = chance(case.code, "urgent")
    return 3 if drawn > 0.995 else 2 if drawn > 0.975 else 1 if drawn > 0.9 else 0
