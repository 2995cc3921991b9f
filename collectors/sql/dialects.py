"""How the databases of departments are connected to and how they complain. Pure; called by database.py.

PostgreSQL is what the tests run against. For the others this table holds their documented parameters and error codes; their drivers are
the operator's to install.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Any


class Verdict(StrEnum):
    """What a complaint of a driver means for us."""

    AGAIN = "again"  # down, too slow, too many connections
    REFUSED = "refused"  # rights, or a view or a column that is not there
    FAILED = "failed"  # the view itself fails
    VALUE = "value"  # a value of some row: the view divides by it and it is zero, or the driver cannot hand it over


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Seconds to connect, and for one statement."""

    connect: float
    statement: float

    @property
    def whole(self) -> int:
        """Whole seconds to connect, as most drivers want them."""
        return max(1, ceil(self.connect))

    @property
    def millis(self) -> int:
        return max(1, round(self.statement * 1000))


Connecting = Callable[[Bounds], Mapping[str, Any]]  # the arguments of a driver
Coded = Callable[[BaseException | None], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One database product. `refused`, `value` and `failed` are codes, or beginnings of SQLSTATEs; `words` tell a refusal that has no code.

    `begin`: statements that make a transaction read-only and bounded where the connection itself cannot; `{millis}` is its limit.
    `bounded`: the attribute of a driver's connection that holds the limit of a statement, and how many of its units are a second.
    """

    package: str
    driver: str
    connecting: Connecting
    coded: Coded
    refused: frozenset[str]
    value: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    begin: tuple[str, ...] = ()
    bounded: tuple[str, int] | None = None

    def bound(self, wire: Any, bounds: Bounds) -> None:
        """Give a driver's connection the limit of a statement, where that is how it takes it."""
        if self.bounded is not None:
            setattr(wire, self.bounded[0], max(1, ceil(bounds.statement * self.bounded[1])))

    def verdict(self, error: BaseException | None) -> tuple[Verdict, str]:
        """What to do about a driver's error, and its code ("" where it has none)."""
        code = self.coded(error)
        if _among(code, self.value) or type(error).__name__ == "DataError":
            return Verdict.VALUE, code
        if _among(code, self.refused) or (not code and any(words in str(error) for words in self.words)):
            return Verdict.REFUSED, code
        return (Verdict.FAILED if _among(code, self.failed) else Verdict.AGAIN), code


def _among(code: str, listed: frozenset[str]) -> bool:
    return bool(code) and any(code == each or (len(each) < len(code) == 5 and code.startswith(each)) for each in listed)


def _sqlstate(error: BaseException | None) -> str:
    """psycopg: the SQLSTATE the server sent; none for a failed connection."""
    return str(getattr(error, "sqlstate", None) or "")


def _first(error: BaseException | None) -> str:
    """pyodbc and pymysql: the first argument."""
    given = error.args[0] if error is not None and error.args else ""
    return str(given) if isinstance(given, int) or (isinstance(given, str) and len(given) == 5) else ""


def _oracle(error: BaseException | None) -> str:
    """oracledb: an object with the number of the ORA- message."""
    return str(getattr(error.args[0], "code", "") or "") if error is not None and error.args else ""


def _postgresql(bounds: Bounds) -> Mapping[str, Any]:
    settings = {
        "default_transaction_read_only": "on",
        "statement_timeout": bounds.millis,
        "lock_timeout": bounds.millis,
        "idle_in_transaction_session_timeout": 10 * bounds.millis,
    }
    return {
        "connect_timeout": bounds.whole,
        "application_name": "ioc",
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        "prepare_threshold": None,  # poolers between us and the server may not know prepared statements
    }


def _mssql(bounds: Bounds) -> Mapping[str, Any]:
    return {"timeout": bounds.whole, "ApplicationIntent": "ReadOnly"}


def _oracle_connecting(bounds: Bounds) -> Mapping[str, Any]:
    return {"tcp_connect_timeout": bounds.connect}


def _mysql(bounds: Bounds) -> Mapping[str, Any]:
    return {"connect_timeout": bounds.whole, "read_timeout": max(1, ceil(bounds.statement)), "charset": "utf8mb4"}


_MYSQL = Dialect(
    package="pymysql",
    driver="mysql+pymysql",
    connecting=_mysql,
    coded=_first,
    refused=frozenset({"1044", "1045", "1049", "1054", "1142", "1143", "1146", "1227", "1356", "1370", "1698", "1792"}),
    begin=("set session transaction read only", "set session max_execution_time = {millis}"),
)

DIALECTS: Mapping[str, Dialect] = {
    "postgresql": Dialect(
        package="psycopg",
        driver="postgresql+psycopg",
        connecting=_postgresql,
        coded=_sqlstate,
        # 0A not supported, 25 read-only, 28 who are you, 3D no such database, 3F no such schema, 42 rights and names
        refused=frozenset({"0A", "25", "28", "3D", "3F", "42"}),
        value=frozenset({"22"}),
        failed=frozenset({"21", "23", "38", "39", "P0", "XX"}),
        words=("authentication failed", "no pg_hba.conf entry", "password", " does not exist", "not permitted to log in"),
    ),
    "mssql": Dialect(
        package="pyodbc",
        driver="mssql+pyodbc",
        connecting=_mssql,
        coded=_first,
        refused=frozenset({"28000", "42000", "42S02", "42S22", "IM002"}),
        value=frozenset({"22"}),
        begin=("set lock_timeout {millis}",),
        bounded=("timeout", 1),
    ),
    "oracle": Dialect(
        package="oracledb",
        driver="oracle+oracledb",
        connecting=_oracle_connecting,
        coded=_oracle,
        refused=frozenset({"904", "942", "1017", "1031", "1045", "28000", "28001", "12514"}),
        value=frozenset({"1476", "1722", "1841", "1843", "1858"}),
        begin=("set transaction read only",),
        bounded=("call_timeout", 1000),
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
}
