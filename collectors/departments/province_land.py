"""Dossiers of the land registration branches as the provincial LGSP hands them on, and the statistic it makes of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.departments.province_cases import Case
from collectors.departments.province_traits import fee, paid_online, traits
from collectors.departments.province_words import ID_NUMBER, PHONE, WAYS, Record, by_code, person, status, year_first
from ioc.model import State, Trait

WORKED_ON = ("receiving", "processing")
LAND_STATES = {1: "new", 2: "receiving", 3: "denied", 4: "processing", 5: "waiting", 6: "paying", 7: "cancelled", 8: "unresolved",
               9: "releasing", 10: "done"}  # fmt: skip


def land(case: Case) -> Record:
    """A dossier of the land registration branches, as the LGSP hands it on (MSyncDocument, domain.md 1.2)."""
    procedure, refused = case.procedure, case.state is State.REFUSED
    done, held = case.state is State.DONE, traits(case)
    return {
        "docCode": case.code,
        "docTypeCode": procedure.code if procedure else "",
        "docTypeName": procedure.name if procedure else "",
        "docFieldName": procedure.field if procedure else "",
        "citizenName": person(case),
        "citizenIdNumber": ID_NUMBER,
        "citizenPhone": PHONE,
        "receptionForm": str(WAYS[case.way]),
        "dateSubmitted": year_first(case.sent),
        "dateReceived": "" if refused or case.state is State.SUBMITTED else year_first(case.received),
        "dateAppointed": "" if refused else year_first(case.due),
        "isSuccess": done,
        "successDate": year_first(case.closed) if done else "",
        "isReturned": case.delivered,
        "finishedDate": year_first(case.closed),
        "status": LAND_STATES[status(case)],
        "processingOrganId": case.unit,
        "processingOrganName": by_code()[case.unit].name,
        "hasSupplementary": bool(case.pauses),
        "requireSupplementaryDate": year_first(case.pauses[-1][0]) if case.pauses else "",
        "supplementaries": [{"requireDate": year_first(since), "receiveDate": year_first(until)} for since, until in case.pauses],
        "docFees": [{"amount": fee(case), "paidOnline": paid_online(case)}] if fee(case) else [],
        "isDigitized": Trait.DIGITISED in held,
        "isReused": Trait.REUSED in held,
        "isElectronicResult": Trait.ELECTRONIC_RESULT in held,
        "lastUpdate": year_first(case.changed),
    }


def statistic(records: Iterable[Record], month: str, today: str) -> Record:
    """What the gateway reports of one month (MStatistic, domain.md 1.2), counted over its own dossiers as they stand.

    `month` is "2026/11", `today` "2026/11/20". Late is by date, as the branches count.
    """
    taken = [record for record in records if record["dateReceived"]]
    fresh = sum(1 for record in taken if record["dateReceived"][:7] == month)
    before = sum(1 for record in taken if record["dateReceived"][:7] < month <= (record["finishedDate"][:7] or month))
    solved = [record for record in taken if record["isSuccess"] and record["finishedDate"][:7] == month]
    late = sum(1 for record in solved if "" < record["dateAppointed"][:10] < record["finishedDate"][:10])
    open_now = [record for record in taken if not record["finishedDate"]]
    overdue = sum(1 for record in open_now if record["status"] in WORKED_ON and "" < record["dateAppointed"][:10] < today)
    return {
        "month": int(month[5:]), "year": int(month[:4]), "isMonthStatistic": True, "newReception": fresh, "preExtisting": before,
        "total": fresh + before, "totalSolved": len(solved), "solvedInTime": len(solved) - late, "solvedLate": late,
        "totalPending": len(open_now), "pendingLate": overdue,
        "organizationInchargeIdlevel1": "H99.14", "organizationInchargeName": by_code()["H99.14"].name,
    }  # fmt: skip
