"""What the demo province came out of: three provinces with districts and communes, merged on 1 July 2025. Invented like today's offices.

Only some of the old communes are told. Each went into one of today's, but for one that was divided between two; one had been renamed and
one moved to another district before. What was a district's own has no heir: it counts at the province.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from collectors.departments.province_names import MERGED, PROVINCE, units
from ioc.units import Level, Unit

# code, name
PROVINCES = (("H96", "Tỉnh Minh Sơn"), ("H97", "Tỉnh Giang Đài"), ("H98", "Tỉnh Lộc Cẩm"))

# code (its province's with two digits more), name, its communes with the one of today that each went into
DISTRICTS = (
    ("H96.31", "H. Sơn Khê", "X. Cẩm Phú Thượng > X. Cẩm Phú, X. Cẩm Phú Hạ > X. Cẩm Phú, X. Bàu Đức Đông > X. Bàu Đức"),
    ("H96.32", "H. Hải Lợi", "X. Sơn Lâm Nội > X. Sơn Lâm, X. Lộc Mỹ Tây > X. Lộc Mỹ, X. Hải Lợi Tây > X. Hải Lợi"),
    ("H96.33", "TX. Đại Lâm", "P. Kim Phú Bắc > X. Kim Phú, P. Kim Phú Nam > X. Kim Phú, X. Bàu Lợi Trong > X. Bàu Lợi"),
    ("H97.31", "TP. Tân Hòa", "P. Tân Hòa Một > P. Tân Hòa, P. Tân Hòa Hai > P. Tân Hòa, P. Sơn Đức Trong > P. Sơn Đức"),
    ("H97.32", "H. Bàu Mỹ", "X. Bàu Mỹ Ngoài > P. Bàu Mỹ, X. Thu Khê Cạn > P. Thu Khê, X. Cao Hội Xa > P. Cao Hội"),
    ("H97.33", "H. Gia Tân", "X. Gia Tân Cũ > P. Gia Tân, X. Mỹ Điền Cũ > P. Mỹ Điền, X. Đại Đức Cũ > P. Đại Đức"),
    ("H98.31", "H. Bình Lợi", "X. Bình Lợi Trên > X. Bình Lợi, X. Bình Lợi Dưới > X. Bình Lợi, X. Gia Lộc Ngoài > P. Gia Lộc"),
    ("H98.32", "H. Thu Lợi", "X. Thu Lợi Đồng > X. Thu Lợi, X. Thu Lợi Bãi > X. Thu Lợi, X. Lộc Khê Rừng > X. Lộc Khê"),
    ("H98.33", "H. Kim Tân", "X. Kim Tân Bến > X. Kim Tân, X. Cẩm Đức Bến > X. Cẩm Đức, X. Thu An Bến > X. Thu An"),
)
DIVIDED = ("X. Mỹ Điền Cũ", ("P. Mỹ Điền", "P. Đại Đức"))
RENAMED = ("X. Cẩm Phú Hạ", "X. Cẩm Tả", date(2020, 1, 1))  # what it was called before, and until when
MOVED = ("X. Lộc Mỹ Tây", "H96.31", date(2021, 1, 1))  # the district it was of before, and until when


@lru_cache(maxsize=1)
def former() -> tuple[Unit, ...]:
    """Every stretch of every one of them: 3 provinces, 9 districts, 27 communes."""
    provinces = (
        Unit(code=code, name=name, level=Level.PROVINCE, valid_to=MERGED, successors=(PROVINCE.code,), alt_codes=(code[1:],))
        for code, name in PROVINCES
    )
    districts = (
        Unit(code=code, name=name, level=Level.DISTRICT, parent=code[:3], valid_to=MERGED, alt_codes=(f"000.00.{code[4:]}.{code[:3]}",))
        for code, name, _ in DISTRICTS
    )
    return (*provinces, *districts, *_communes())


def _communes() -> list[Unit]:
    heirs = {unit.name: unit.code for unit in units()}
    stretches = []
    for district, _, named in DISTRICTS:
        for n, (name, heir) in enumerate((pair.split(" > ") for pair in named.split(", ")), 1):
            successors = DIVIDED[1] if name == DIVIDED[0] else (heir,)
            stretches += _stretches(
                Unit(
                    code=f"{district}.{n:02}", name=name, level=Level.COMMUNE, parent=district, valid_to=MERGED,
                    successors=tuple(heirs[one] for one in successors),
                )
            )  # fmt: skip
    return stretches


def _stretches(unit: Unit) -> list[Unit]:
    """The commune as it ended, after what it was before."""
    name, parent, until = unit.name, unit.parent, None
    if unit.name == RENAMED[0]:
        _, name, until = RENAMED
    if unit.name == MOVED[0]:
        _, parent, until = MOVED
    if until is None:
        return [unit]
    return [
        Unit(code=unit.code, name=name, level=unit.level, parent=parent, valid_to=until),
        Unit(
            code=unit.code, name=unit.name, level=unit.level, parent=unit.parent, valid_from=until, valid_to=MERGED,
            successors=unit.successors,
        ),
    ]  # fmt: skip
