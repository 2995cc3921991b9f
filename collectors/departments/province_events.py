"""What happens in the demo province: changes of records, silences of whole systems, wrong records. Used by province_life.py."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime

from collectors.departments.province_cases import System
from collectors.departments.province_words import Record

# How a record is wrong until somebody corrects it: a field and what it then says.
BROKEN = {
    System.ONESTOP: (("TrangThaiHoSo", "99"), ("NgayHenTra", "20261332250000")),
    System.COMMUNE: (("trangThai", 99), ("ngayNhan", "2026-02-30T08:00:00+07:00")),
    System.LAND: (("status", "transferring"), ("dateAppointed", "2026/13/32 25:00:00")),
    System.EDUCATION: (("trang_thai", "KHAC"),),
    System.DOCUMENTS: (("trangThai", "khong_ro"), ("hanXuLy", "32/13/2026 17:00:00")),
    System.AXIS: (("Status", "77"),),
    System.TASKS: (("trangThai", "TREO"), ("hanXuLy", "2026-02-30T17:00:00.000Z")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A record that is new or different since `at`."""

    at: datetime
    system: System
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A system that does not answer on [at, until)."""

    at: datetime
    system: System
    until: datetime


Event = Change | Silence


def poisson(rng: random.Random, mean: float) -> int:
    """How many of something happen where `mean` do on average (Knuth's method; the means here are small)."""
    limit, product, happened = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        happened += 1
    return happened
