"""The way to somebody else's database: one connection, read-only, every statement bounded, every failure one of our errors.

Called by the sql source. SQLAlchemy speaks to all of them through the drivers the operator installed; work runs in a thread. After any
failure the connection is given up and the address read anew, so that a password changed meanwhile is taken up.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoTurn

from collectors.source import Refused, SettingsError, SourceError, Unavailable, shown, suggestion
from collectors.sql.dialects import DIALECTS, Bounds, Dialect, Verdict

Answer = TypeVar("Answer")
GRACE = 1.0  # seconds the client waits longer than the server may take


class BadValue(Exception):  # noqa: N818  one row holds what the driver cannot hand over
    """A statement met a value nobody can read; the caller asks for the rows one by one."""


@dataclass(slots=True, kw_only=True)
class Database:
    """One department's database. `url` tells its address with the password."""

    source: str
    url: Callable[[], str]
    bounds: Bounds
    _engine: Engine | None = None
    _wires: set[Any] = field(default_factory=set)

    @asynccontextmanager
    async def used(self) -> AsyncIterator[None]:
        """While a walk lasts its connection is kept; nobody else's database has an idle one of ours in between."""
        try:
            yield
        finally:
            await asyncio.to_thread(self._give_up)

    async def ask(self, work: Callable[[Connection], Answer]) -> Answer:
        """What `work` answers on a read-only connection. Raises SourceError, or BadValue."""
        limit = self.bounds.connect + self.bounds.statement + GRACE
        task = asyncio.ensure_future(asyncio.to_thread(self._work, work))
        try:
            return await asyncio.wait_for(asyncio.shield(task), limit)
        except TimeoutError:
            raise Unavailable(f"the database gave no answer in {limit:g} s; it or the way there must be looked at") from None
        finally:
            if not task.done():  # given up or cancelled: cut the wire, so that the thread ends too
                self._cut()
                task.add_done_callback(_forget)

    def _work(self, work: Callable[[Connection], Answer]) -> Answer:
        try:
            engine = self._engine = self._engine or self._connectable()
            with engine.connect() as db:
                return self._within(db, DIALECTS[engine.url.get_backend_name()], work)
        except NoTurn:
            raise Unavailable("the only connection to the database is busy with another reading; it is tried again") from None
        except DBAPIError as error:
            judged = self._judged(error)
            self._give_up()
            raise judged from None
        except SQLAlchemyError as error:
            self._give_up()
            raise Refused(f"the view cannot be asked ({type(error).__name__}); check view, watermark and key of this source") from None
        except BaseException:
            self._give_up()
            raise

    def _within(self, db: Connection, dialect: Dialect, work: Callable[[Connection], Answer]) -> Answer:
        """The work in one transaction. A connection that failed, or was given up meanwhile, is closed and not kept for others."""
        wire, well = db.connection.dbapi_connection, False
        self._wires.add(wire)
        try:
            with db.begin():
                dialect.bound(wire, self.bounds)
                for statement in dialect.begin:
                    db.exec_driver_sql(statement.format(millis=self.bounds.millis))
                answer = work(db)
            well = self._engine is db.engine
            return answer
        finally:
            self._wires.discard(wire)
            if not well:
                with contextlib.suppress(SQLAlchemyError):
                    db.invalidate()

    def _connectable(self) -> Engine:
        url = address(self.source, self.url())
        dialect = DIALECTS[url.get_backend_name()]
        try:
            engine = create_engine(
                url,
                pool_size=1, max_overflow=0, pool_timeout=self.bounds.statement, hide_parameters=True,
                connect_args=dict(dialect.connecting(self.bounds)),
            )  # fmt: skip
            event.listen(engine, "handle_error", _close_cursor)
            return engine
        except (ModuleNotFoundError, NoSuchModuleError):
            raise SettingsError(
                f"source.{self.source}.url: {url.drivername} needs the Python package {dialect.package}; install it beside this program"
            ) from None
        except (ArgumentError, TypeError) as error:
            raise SettingsError(f"source.{self.source}.url: not usable ({type(error).__name__}); check its parameters") from None

    def _judged(self, error: DBAPIError) -> SourceError | BadValue:
        """One of our errors for one of a driver's; its text is shown only where it names things, never where it may name a person."""
        dialect = DIALECTS[self._backend()]
        verdict, code = dialect.verdict(error.orig)
        said = self._said(error)
        if verdict is Verdict.VALUE:
            return BadValue(f"a value the database or its driver cannot handle{f' ({code})' if code else ''}")
        if verdict is Verdict.REFUSED:
            return Refused(f"the database refuses: {said} ({code}); check rights, view and columns of this source")
        if verdict is Verdict.FAILED:
            return Unavailable(f"the view itself fails ({code}); the department must look at it")
        return Unavailable(f"the database cannot be asked now: {said}{f' ({code})' if code else ''}")

    def _said(self, error: DBAPIError) -> str:
        """The first line of what the driver says, without the password."""
        text = next((line.strip() for line in str(error.orig).splitlines() if line.strip()), type(error.orig).__name__)
        try:
            password = make_url(self.url()).password
        except (SourceError, ArgumentError):
            password = None
        return shown(text.replace(str(password), "***") if password else text, 160)

    def _backend(self) -> str:
        return self._engine.url.get_backend_name() if self._engine else address(self.source, self.url()).get_backend_name()

    def _give_up(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            with contextlib.suppress(Exception):  # a connection that is gone may complain of being closed
                engine.dispose()

    def _cut(self) -> None:
        """Break the connections in use from outside: whatever waits on them wakes up and fails."""
        for wire in list(self._wires):
            # not every driver shows its socket; those bound their waiting themselves
            with contextlib.suppress(Exception), socket.socket(fileno=os.dup(wire.fileno())) as way:
                way.shutdown(socket.SHUT_RDWR)


def address(source: str, text: str) -> URL:
    """The address of a database, with our driver where it names none. Raises SettingsError that never repeats it."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError(f"source.{source}.url: no address of a database; write postgresql://user:password@host/name") from None
    backend = url.get_backend_name()
    if backend not in DIALECTS:
        raise SettingsError(f"source.{source}.url: no database {shown(backend)} is known here{suggestion(backend, DIALECTS)}")
    return url if "+" in url.drivername else url.set(drivername=DIALECTS[backend].driver)


def _close_cursor(context: ExceptionContext) -> None:
    """The cursor of a statement that failed; SQLAlchemy leaves it open where the connection is lost."""
    cursor = getattr(context.execution_context, "cursor", None)
    if cursor is not None:
        with contextlib.suppress(Exception):  # it may complain that its connection is gone, which is why it is closed
            cursor.close()


def _forget(task: asyncio.Future[Any]) -> None:
    """Take notice of how a thread that was given up ended, so that nobody else complains."""
    if not task.cancelled():
        task.exception()
