"""Letters of the demo province as the national document axis carries them: headers of edXML envelopes, recalls, replacements. Pure.

What the fields mean stands in envelopes.py, which makes the envelopes; called by province_dialects.py, province.py and province_life.py.
"""

from __future__ import annotations

from datetime import datetime

from collectors.departments.province_cases import Case, Sort, Step, local
from collectors.departments.province_traits import chance, urgency
from collectors.departments.province_words import Record, by_code, person, subject, year_first
from ioc.model import State

# Ministries and other provinces letters are exchanged with: the code of their organ, its name.
PARTNERS = (
    ("G01.01", "Văn phòng Chính phủ"), ("G02.00", "Bộ Nội vụ"), ("G03.00", "Bộ Tài chính"), ("G04.00", "Bộ Xây dựng"),
    ("G05.00", "Bộ Giáo dục và Đào tạo"), ("G06.00", "Bộ Khoa học và Công nghệ"), ("H97.01", "UBND tỉnh Thanh Lam"),
    ("H98.01", "UBND tỉnh Vĩnh Hà"),
)  # fmt: skip
LETTER_TYPES = (("CV", "Công văn"), ("BC", "Báo cáo"), ("KH", "Kế hoạch"), ("TB", "Thông báo"), ("QĐ", "Quyết định"))


def axis(case: Case) -> Record:
    """The header of an edXML envelope and how far its document is (QCVN 102:2016): incoming ones for us, outgoing ones by us."""
    sender, taker = _parties(case)
    kind, kind_name = LETTER_TYPES[case.subject % len(LETTER_TYPES)]
    day = f"{local(case.received):%Y/%m/%d}"
    return {
        "DocumentId": document_id(case, case.code),
        "From": {"OrganId": sender[0], "OrganName": sender[1]},
        "To": {"OrganId": taker[0], "OrganName": taker[1]},
        "CodeNumber": str(_number(case.code)),
        "CodeNotation": kind,
        "PromulgationDate": day,
        "Type": kind,
        "TypeName": kind_name,
        "Subject": subject(case),
        "Signer": person(case),
        "DueDate": f"{local(case.due):%Y/%m/%d}" if case.due else "",
        "Priority": urgency(case),
        "BussinessDocType": 3 if case.replaces else 0,
        "Replaces": [document_id(case, case.replaces)] if case.replaces else [],
        "Status": axis_status(case),
        "Signed": case.signed or case.sort is Sort.LETTER_IN,
        "Timestamp": year_first(case.received),
        "Finished": year_first(case.closed),
        "Updated": year_first(case.changed),
    }


def document_id(case: Case, code: str) -> str:
    """What the axis calls the letter of a code; `case` says whose it is."""
    kind, _ = LETTER_TYPES[case.subject % len(LETTER_TYPES)]
    return f"{_parties(case)[0][0]},{local(case.received):%Y/%m/%d},{_number(code)}/{kind}"


def recall(case: Case, at: datetime) -> Record:
    """The letter by which a sender takes back another."""
    return axis(case) | {
        "DocumentId": f"{document_id(case, case.code)}-TH", "BussinessDocType": 1, "Replaces": [document_id(case, case.code)],
        "Subject": "Thu hồi văn bản", "DueDate": "", "Status": "15", "Timestamp": year_first(at), "Finished": "",
        "Updated": year_first(at),
    }  # fmt: skip


def secret(case: Case) -> Record:
    """The same letter under another number, restricted: it stands on the axis, and no collector may take it."""
    return axis(case) | {"DocumentId": f"{document_id(case, case.code)}-M", "Secret": "Mật", "Subject": "Văn bản mật"}


def _parties(case: Case) -> tuple[tuple[str, str], tuple[str, str]]:
    """Who sends it and who gets it: code and name. A replacement has the partner of the first."""
    partner = PARTNERS[int(len(PARTNERS) * chance(case.replaces or case.code, "partner"))]
    ours = (case.unit, by_code()[case.unit].name)
    return (partner, ours) if case.sort is Sort.LETTER_IN else (ours, partner)


def _number(code: str) -> int:
    return int(code.rsplit("-", 1)[1])


def axis_status(case: Case) -> str:
    """01 arrived, 03 taken in, 04 assigned, 05 in progress, 06 done."""
    if case.state is State.DONE:
        return "06"
    steps = {Step.RECEIVED: "01", Step.ASSIGNED: "03", Step.EXAMINED: "04"}
    return steps.get(case.step, "05")
