"""The offices of the demo province "Tỉnh Minh Giang": 20 departments and 151 communes on a 19 x 10 map. Invented, like all its data.

`units()` are those of today, which all its dossiers come from; province_former.py has what they came out of. No real office is meant by any
name.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from ioc.units import Level, Unit

MERGED = date(2025, 7, 1)  # three provinces became one, and there were no districts any more
PROVINCE = Unit(code="H99", name="Tỉnh Minh Giang", short="Tỉnh", level=Level.PROVINCE, valid_from=MERGED, alt_codes=("99",))
GRID = (19, 10)  # columns, rows

# code, name as shown, short name (7 letters at most)
DEPARTMENTS = (
    ("H99.01", "Văn phòng UBND tỉnh", "VP UBND"),
    ("H99.02", "Sở Nội vụ", "Nội vụ"),
    ("H99.03", "Sở Tư pháp", "Tư pháp"),
    ("H99.04", "Sở Tài chính", "TC"),
    ("H99.05", "Sở Công Thương", "SCT"),
    ("H99.06", "Sở NN&MT", "NN&MT"),
    ("H99.07", "Sở Xây dựng", "SXD"),
    ("H99.08", "Sở KH&CN", "KH&CN"),
    ("H99.09", "Sở VHTT&DL", "VHTTDL"),
    ("H99.10", "Sở GD&ĐT", "GD&ĐT"),
    ("H99.11", "Sở Y tế", "Y tế"),
    ("H99.12", "Sở Ngoại vụ", "SNgV"),
    ("H99.13", "Sở DT&TG", "DT&TG"),
    ("H99.14", "VP đăng ký đất đai", "VPĐK"),
    ("H99.15", "BQL khu công nghiệp", "KCN"),
    ("H99.16", "Thanh tra tỉnh", "TTra"),
    ("H99.17", "Bảo hiểm xã hội tỉnh", "BHXH"),
    ("H99.18", "Thuế tỉnh", "Thuế"),
    ("H99.19", "Công an tỉnh", "CA"),
    ("H99.20", "Trung tâm PVHCC", "PVHCC"),
)

# The map: row, first column, the communes (X.) and wards (P.) from there on.
COMMUNES = (
    (0, 1, "X. Cẩm Phú, X. Bàu Đức, X. Sơn Lâm, X. Lộc Mỹ, X. Hải Lợi, X. Cao Hậu, X. Lạc Lộc, X. An Hội, X. Mỹ Hòa"),
    (0, 11, "X. Kim Phú, X. Đại Lâm, X. Cẩm Mỹ, X. Bàu Lợi, X. Sơn Khê"),
    (1, 1, "X. Thu Hậu, X. Lộc An, X. Hải Lộc, X. Lạc Phú, X. An Tân, X. Mỹ Xuân, X. Kim Mỹ, X. Phú Đức, X. Đại Khê, X. Cẩm An"),
    (1, 12, "X. Bàu Lộc, X. Sơn Hội, X. Lộc Hòa, X. Hải Phú, X. Cao Lâm"),
    (
        2,
        0,
        "X. Lạc Mỹ, X. An Đức, X. Gia Khê, X. Mỹ Thới, X. Kim An, P. Phú Lợi, P. Đại Hội, P. Tân Hậu, P. Cẩm Hòa, X. Bàu "
        "Phú, X. Thu Lâm, X. Hải Mỹ, X. Cao Khê, X. Lạc An, X. Đông Mỹ, X. An Lợi, X. Gia Hội",
    ),
    (
        3,
        0,
        "X. Mỹ Hậu, X. Kim Hòa, P. Phú Lộc, X. Đại Tân, P. Bàu Mỹ, P. Sơn Đức, P. Tân Hòa, P. Thu Khê, P. Cao Hội, P. Hòa "
        "Hậu, X. Lạc Hòa, X. An Lộc, P. Gia Tân, P. Mỹ Điền, P. Đại Đức, X. Tân Lâm, X. Bàu An, X. Sơn Lợi",
    ),
    (
        4,
        1,
        "X. Thu Hội, X. Lộc Hậu, X. Hải Hòa, P. Cao Tân, P. Gia Đức, P. Mỹ Lâm, P. Phú Mỹ, P. Đại Lợi, P. Tân Khê, X. Cẩm "
        "Hậu, P. Bàu Hòa, P. Sơn Lộc, P. Thu Tân, P. Cao Đức, P. Hòa Lâm, X. An Mỹ, X. Gia Lợi, X. Mỹ Khê",
    ),
    (
        5,
        2,
        "X. Kim Hậu, X. Phú An, P. Tân Hội, P. Sơn Phú, P. Lộc Lâm, P. Bình Mỹ, P. Cao Lợi, P. Hòa Khê, X. Lạc Hậu, P. "
        "Gia Lộc, X. Bình Lợi, P. Mỹ Hội, P. Đại Phú, P. Cẩm Lâm, X. Sơn Mỹ, X. Thu Lợi, X. Lộc Khê",
    ),
    (
        6,
        3,
        "X. Cao Lộc, X. An Hòa, X. Gia Phú, X. Mỹ Tân, X. Kim Lâm, X. Đại Mỹ, X. Tân Đức, X. Cẩm Khê, P. Bàu Hậu, P. Sơn "
        "An, P. Thu Lộc, P. Lộc Hội, X. Hòa Tân, X. Lạc Lâm, X. An Xuân, X. Gia Mỹ",
    ),
    (
        7,
        4,
        "X. Kim Khê, X. Đại An, X. Tân Lợi, X. Cẩm Hội, X. Sơn Hòa, X. Thu Phú, X. Lộc Tân, X. Hải Lâm, X. Cao Mỹ, X. Hòa "
        "Đức, X. Lạc Khê, X. An Thới, X. Gia An, X. Mỹ Lợi, X. Kim Hội",
    ),
    (
        8,
        5,
        "X. Phú Hậu, X. Đại Hòa, X. Tân Lộc, X. Cẩm Tân, X. Bàu Lâm, X. Thu Mỹ, X. Lộc Đức, X. Hải Khê, X. Cao An, X. Hòa "
        "Lợi, X. Lạc Hội, X. An Hậu",
    ),
    (9, 7, "X. Gia Hòa, X. Mỹ Lộc, X. Kim Tân, X. Cẩm Đức, X. Bàu Khê, X. Thu An, X. Lộc Lợi, X. Hải Hội, X. Cao Hòa"),
)


@lru_cache(maxsize=1)
def units() -> tuple[Unit, ...]:
    """Province, departments, communes: 172 units. Communes carry their place on the map and the five-digit code of the region."""
    departments = (
        Unit(
            code=code,
            name=name,
            short=short,
            level=Level.DEPARTMENT,
            parent=PROVINCE.code,
            valid_from=MERGED,
            alt_codes=(f"000.00.{code[4:]}.H99",),
        )
        for code, name, short in DEPARTMENTS
    )
    places = ((row, col + n, name) for row, col, names in COMMUNES for n, name in enumerate(names.split(", ")))
    communes = (
        Unit(
            code=f"H99.{number}",
            name=name,
            short=name[3:],
            level=Level.COMMUNE,
            parent=PROVINCE.code,
            valid_from=MERGED,
            row=row,
            col=col,
            alt_codes=(f"99{number}",),
        )
        for number, (row, col, name) in enumerate(places, 101)
    )
    return (PROVINCE, *departments, *communes)


def is_ward(unit: Unit) -> bool:
    """Wards share the province's one-stop system with the departments; the other communes have a system of their own."""
    return unit.name.startswith("P. ")
