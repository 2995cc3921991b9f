"""The table of simulated department systems: what each is called, how it speaks, and how its server is made from the demo province.

`ioc departments` lists and starts them one by one, the demo (demo.py) all together; tests run over the table, so that a new system is
tested by being listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from collectors.departments import province_centres, province_index, province_reports, province_sums
from collectors.departments.axis import Axis
from collectors.departments.ballots import Ballots
from collectors.departments.bureau import Bureau, Office
from collectors.departments.dialects import DIALECTS
from collectors.departments.gateway import Gateway
from collectors.departments.knobs import Fault
from collectors.departments.onestop import Department
from collectors.departments.portal import Portal
from collectors.departments.province_cases import SEED, System, local
from collectors.departments.province_land import statistic
from collectors.departments.province_words import Record
from collectors.departments.sheets import Sheet, Sheets, as_csv, as_xlsx
from collectors.departments.statistics import Statistics
from collectors.departments.statistics_dialects import CENTRE, CONFERENCE, FEEDBACK, PAYMENTS, PORTAL766, PROCEDURES, SURVEY
from collectors.departments.statistics_shape import Asked, Row, Shape

DIGITISATION = Shape(
    name="digitisation",
    path="/api/so-hoa/theo-ngay",
    unit="DonVi",
    names={"papers_due": "PhaiSoHoa", "papers_digitised": "DaSoHoa", "papers_reused": "TaiSuDung"},
    period=CENTRE.period,
    dates=CENTRE.dates,
)


DATABASE_VARIABLE = "IOC_DEMO_DATABASE"  # the environment variable that hands `World.database` over
EDUCATION = Office(
    schema="gddt",
    view="v_ho_so_ioc",
    role="ioc_demo_gddt",
    columns={
        "ma_ho_so": "text", "ma_don_vi": "text", "ten_thu_tuc": "text", "linh_vuc": "text", "kenh": "integer", "trang_thai": "text",
        "ngay_nhan": "timestamptz", "ngay_hen": "timestamptz", "ngay_cap": "timestamptz",
        "le_phi": "boolean", "nop_truc_tuyen": "boolean", "so_hoa": "boolean", "tai_su_dung": "boolean", "kq_dien_tu": "boolean",
        "ho_ten": "text", "dien_thoai": "text", "cap_nhat": "timestamptz",
    },
    key="ma_ho_so",
    changed="cap_nhat",
)  # fmt: skip


class Server(Protocol):
    """A simulated system as the demo and the tests see it."""

    fault: Fault | None

    def serving(self, port: int = 0) -> AbstractAsyncContextManager[str]: ...
    def turn(self, changes: Mapping[str, Any]) -> None: ...


@runtime_checkable
class Keeper(Server, Protocol):
    """One that keeps records."""

    def put(self, record: Record, /) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What servers are made from.

    `records`: those of each `System` as they stand. `secrets`: what callers must show, by system; a system without one is open.
    `pushed_to`: where the kiosks call. `folder`: where sheets are dropped. `database`: of the department that keeps its own, an address
    that may make schemas and roles.
    """

    clock: Callable[[], datetime]
    seed: int = SEED
    records: Mapping[str, Iterable[Record]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    pushed_to: str = ""
    folder: Path = Path()
    database: str = ""

    def of(self, system: System) -> Iterable[Record]:
        return self.records.get(system.value, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """One line of the table. `kind`: the kind of source that reads it (collectors/sources). `keeps`: whose records it serves.

    `secret`: it can ask its callers for one, or, where it calls, signs with one.
    """

    name: str
    title: str
    kind: str
    make: Callable[[World], Server]
    keeps: System | None = None
    secret: bool = False


def secret_variable(name: str) -> str:
    """The environment variable that hands a system's secret to it and to whoever reads it."""
    return f"IOC_DEMO_{name.upper()}_SECRET"


def _list(system: System, world: World) -> Server:
    return Department(world.of(system), DIALECTS[system.value], clock=world.clock, token=world.secrets.get(system.value, ""))


def _land(world: World) -> Server:
    """Its statistic counts the very records it serves, as they stand when it is asked."""
    secret = world.secrets.get("land", "")
    gateway: Gateway

    def counted(year: int, month: int) -> list[Record]:
        return [statistic(gateway.records, f"{year:04}/{month:02}", f"{local(world.clock()):%Y/%m/%d}")]

    gateway = Gateway(world.of(System.LAND), clock=world.clock, secret=secret, page_size=5000, quota=600, per=60, statistic=counted)
    return gateway


def _portal(world: World) -> Server:
    return Portal(world.of(System.PORTAL), clock=world.clock, password=world.secrets.get("portal", ""), dstcode="VN:GOV:H99:ioc",
                  page_size=5000)  # fmt: skip


def _axis(world: World) -> Server:
    secret = world.secrets.get("axis", "")
    return Axis(world.of(System.AXIS), clock=world.clock, system_id="H99" if secret else "", secret=secret)


def _education(world: World) -> Server:
    if not world.database:
        raise LookupError(
            f"this system keeps a database of its own: name one by {DATABASE_VARIABLE} in which it may make schemas and roles"
        )
    password = world.secrets.get("education", "")
    return Bureau(world.of(System.EDUCATION), EDUCATION, admin_url=world.database, password=password, clock=world.clock)


def _numbers(shape: Shape, name: str, numbers: Callable[[Asked, int], Iterable[Row]], world: World) -> Server:
    return Statistics(shape, lambda asked: numbers(asked, world.seed), clock=world.clock, token=world.secrets.get(name, ""))


def _kiosk(world: World) -> Server:
    def votes(asked: Asked) -> Iterable[Row]:
        return province_centres.kiosk_votes(asked, world.seed)

    return Ballots(votes, clock=world.clock, to=world.pushed_to, secret=world.secrets.get("kiosk", ""))


def _sheets(name: str, due: Callable[[datetime, int], Iterable[Sheet]], world: World) -> Server:
    return Sheets(lambda now: due(now, world.seed), folder=world.folder / name, clock=world.clock)


def _ballot_sheets(now: datetime, seed: int) -> Iterable[Sheet]:
    for friday in province_reports.fridays(now):
        rows = province_reports.paper_votes(friday, seed)
        yield f"phieu-hai-long-{friday.isoformat()}.csv", as_csv(province_reports.VOTES_HEADER, rows)


def _yearly_sheets(now: datetime, _seed: int) -> Iterable[Sheet]:
    rows = province_reports.yearly(now)
    title = "BẢNG TỔNG HỢP CÁC CHỈ SỐ CẤP TỈNH QUA CÁC NĂM"
    yield f"chi-so-{rows[-1][1]}.xlsx", as_xlsx(title, province_reports.YEARLY_HEADER, rows)


SYSTEMS: dict[str, Simulated] = {
    system.name: system
    for system in (
        *(
            Simulated(name=keeps.value, title=title, kind="rest", make=partial(_list, keeps), keeps=keeps, secret=keeps is System.TASKS)
            for keeps, title in (
                (System.ONESTOP, "Một cửa điện tử: sở, ngành và phường"),
                (System.COMMUNE, "Một cửa cấp xã"),
                (System.DOCUMENTS, "Quản lý văn bản và điều hành"),
                (System.TASKS, "Theo dõi nhiệm vụ UBND tỉnh giao"),
            )
        ),
        Simulated(name="land", title="Chi nhánh VPĐK đất đai, qua LGSP", kind="lgsp", make=_land, keeps=System.LAND, secret=True),
        Simulated(name="portal", title="Cổng Dịch vụ công quốc gia", kind="dvcqg", make=_portal, keeps=System.PORTAL, secret=True),
        Simulated(name="axis", title="Trục liên thông văn bản quốc gia", kind="edxml", make=_axis, keeps=System.AXIS, secret=True),
        Simulated(name="education", title="Sở GD&ĐT: phần mềm riêng", kind="sql", make=_education, keeps=System.EDUCATION, secret=True),
        *(
            Simulated(name=name, title=title, kind="figures", make=partial(_numbers, shape, name, numbers), secret=name == "payments")
            for name, title, shape, numbers in (
                ("centres", "Trung tâm phục vụ hành chính công: lượt đến, xếp hàng", CENTRE, province_centres.queues),
                ("survey", "Khảo sát hài lòng trên Cổng DVC", SURVEY, province_sums.online_votes),
                ("payments", "Thanh toán trực tuyến", PAYMENTS, province_sums.payments),
                ("digitisation", "Số hóa hồ sơ", DIGITISATION, province_sums.papers),
                ("feedback", "Phản ánh, kiến nghị", FEEDBACK, province_reports.feedback),
                ("conferences", "Họp trực tuyến", CONFERENCE, province_reports.conferences),
                ("procedures", "Danh mục thủ tục hành chính theo mức độ", PROCEDURES, province_reports.procedures),
                ("index766", "Bộ chỉ số 766 trên Cổng DVC quốc gia", PORTAL766, province_index.everybody),
            )
        ),
        Simulated(name="kiosk", title="Kiosk đánh giá hài lòng (tự gọi về)", kind="push", make=_kiosk, secret=True),
        Simulated(name="ballots", title="Phiếu giấy hằng tuần (tệp CSV)", kind="files", make=partial(_sheets, "ballots", _ballot_sheets)),
        Simulated(name="yearly", title="Chỉ số hằng năm (tệp XLSX)", kind="files", make=partial(_sheets, "yearly", _yearly_sheets)),
    )
}
