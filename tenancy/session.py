"""The firm's session: a SQLAlchemy session that cannot leave its firm.

Every statement gets the firm's condition, and one that it cannot be added to is
refused; every row that is added gets the firm's id. On PostgreSQL the transaction
names the firm to the row-level policies as well. What is written is told to the
audit trail, which is written when the transaction is committed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Connection, event, func, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption

from models import AuditEvent, Base, Firm, FirmOwned
from models.reach import Limited
from tenancy import postgresql, sqlite
from tenancy.audit import Trail, tell_flush, told_of
from tenancy.caller import Visit
from tenancy.database import Database
from tenancy.scope import LIMITED
from tenancy.writing import rows_of, write_rows

BY_SLUG = "mandant_by_slug"
RECORDED = "mandant_recorded"
DRIVER = "driver"
"""In a session's `info`: the driver's connection that its transaction is on, where that runs a
statement past SQLAlchemy (`tenancy.statements.Driver`)."""


class UnscopedStatement(RuntimeError):
    """A statement that the firm's condition cannot be added to, or a row of another firm."""


class UnrecordedStatement(RuntimeError):
    """A set-based statement that changes what the audit trail tells, and does not tell it."""


class FirmBound(Session):
    """The synchronous heart of a firm's session; `info["firm_id"]` is its firm, or None."""

    concluding = False

    @property
    def trail(self) -> Trail:
        """What the session tells the audit trail."""
        return self.info["trail"]

    @property
    def firm_id(self) -> str | None:
        return self.info.get("firm_id")

    @cached_property
    def criteria(self) -> tuple[ORMOption, ...]:
        """The firm's condition on every table, as each statement gets it; made once.

        For a member who does not see everything, with the condition that they reach the row.
        A statement over the deployment's own table gets it too, for what its subqueries reach;
        without a firm they find nothing.
        """
        firm_id = self.firm_id or ""
        limits: list[ORMOption] = []
        if (member_id := self.info.get(LIMITED)) is not None:
            limits = [
                with_loader_criteria(table, table.reached_by(member_id), include_aliases=True)
                for table in limited_tables()
            ]
        return (
            *limits,
            with_loader_criteria(
                FirmOwned, lambda table: table.firm_id == firm_id, include_aliases=True
            ),
            with_loader_criteria(Firm, lambda table: table.id == firm_id, include_aliases=True),
        )

    def reach(self, member_id: str | None) -> str | None:
        """Limits what is seen to the reach of a member (None: not at all); answers whose it was."""
        before = self.info.get(LIMITED)
        self.info[LIMITED] = member_id
        self.__dict__.pop("criteria", None)
        return before

    def conclude(self) -> None:
        """Writes what is to be written yet, and what the audit trail tells of all that was."""
        self.concluding = True
        try:
            self.flush()
            self.write_new()
        finally:
            self.concluding = False

    def write_new(self) -> None:
        """Writes the new rows, which were stamped and told, by one statement.

        In the end with the events of the audit trail.
        """
        rows = rows_of(self.new)
        if self.concluding and self.firm_id is not None:
            events = self.trail.take(self.firm_id)
            if events:
                rows[AuditEvent] = events
        if rows:
            write_rows(self.connection(), rows)
        self._register_persistent({inspect(row) for row in self.new})

    def enter(self, firm_id: str) -> None:
        """Binds the session to a firm, once.

        Raises UnscopedStatement where it is bound already.
        """
        if self.firm_id is not None:
            raise UnscopedStatement("the session belongs to a firm already")
        self.info["firm_id"] = firm_id
        self.__dict__.pop("criteria", None)
        if self.in_transaction():
            _name_firm(self.connection(), firm_id)


@cache
def limited_tables() -> tuple[Any, ...]:
    """The tables whose rows are not within everybody's reach."""
    return tuple(
        mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Limited)
    )


def _name_firm(connection: Connection, firm_id: str) -> None:
    """Tells PostgreSQL's policies the firm, until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.set_config("mandant.firm", firm_id, True)))


@event.listens_for(FirmBound, "after_begin")
def _on_begin(session: FirmBound, _: SessionTransaction, connection: Connection) -> None:
    driver = connection.connection.driver_connection
    if isinstance(driver, (postgresql.NamingConnection, sqlite.WritingConnection)):
        session.info[DRIVER] = driver
    firm_id = session.firm_id
    if firm_id is not None and not postgresql.begin_in_firm(connection, firm_id):
        _name_firm(connection, firm_id)


@event.listens_for(FirmBound, "after_transaction_end")
def _on_end(session: FirmBound, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(DRIVER, None)


@event.listens_for(FirmBound, "do_orm_execute")
def _on_execute(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, FirmBound)
    if not state.is_orm_statement:
        raise UnscopedStatement("only statements over mapped classes carry the firm's condition")
    tables = [mapper.class_ for mapper in state.all_mappers]
    of_firms = not tables or any(issubclass(table, (FirmOwned, Firm)) for table in tables)
    if state.is_insert:
        if of_firms:
            raise UnscopedStatement("rows are added to the session, which stamps their firm")
        return
    if (slug := state.execution_options.get(BY_SLUG)) is not None:
        state.statement = state.statement.options(with_loader_criteria(Firm, Firm.slug == slug))
        return
    if session.firm_id is None and of_firms:
        raise UnscopedStatement("no firm has been entered")
    if of_firms and not state.execution_options.get(RECORDED):
        _refuse_unrecorded(state, tables)
    state.statement = state.statement.options(*session.criteria)


def _refuse_unrecorded(state: ORMExecuteState, tables: Sequence[type]) -> None:
    if not (state.is_update or state.is_delete):
        return
    told = {name for table in tables for name in told_of(table)}
    if state.is_update:
        written: Mapping[Any, Any] = getattr(state.statement, "_values", None) or {}
        told &= {getattr(column, "key", column) for column in written}
    if told:
        names = ", ".join(table.__name__ for table in tables)
        raise UnrecordedStatement(f"the audit trail is not told of {names}")


@event.listens_for(FirmBound, "before_flush")
def _on_flush(session: FirmBound, _: Any, __: Any) -> None:
    for row in session.new:
        if isinstance(row, FirmOwned) and row.firm_id is None:  # pyright: ignore[reportUnnecessaryComparison]
            if session.firm_id is None:
                raise UnscopedStatement("no firm has been entered")
            row.firm_id = session.firm_id
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, (FirmOwned, Firm)) and row.firm_id != session.firm_id:
            raise UnscopedStatement("the row belongs to another firm")
    tell_flush(
        session.trail,
        *(
            [row for row in rows if isinstance(row, (FirmOwned, Firm))]
            for rows in (session.new, session.dirty, session.deleted)
        ),
    )
    if not session.dirty and not session.deleted:
        # Else the unit of work knows what comes before what.
        session.write_new()


@event.listens_for(FirmBound, "before_commit")
def _on_commit(session: FirmBound) -> None:
    # What is to be written yet is told as well.
    session.conclude()


@event.listens_for(FirmBound, "after_soft_rollback")
def _on_rollback(session: FirmBound, _: SessionTransaction) -> None:
    session.trail.clear()


@asynccontextmanager
async def firm_session(
    database: Database,
    firm_id: str | None,
    *,
    visit: Visit | None = None,
    looking: bool = False,
    limited_to: str | None = None,
) -> AsyncGenerator[AsyncSession]:
    """A session in the firm *firm_id*; what is not committed is rolled back.

    With None it can see nothing until `enter` has bound it. The audit trail says that *visit*
    did what is written, or nobody. One that is only *looking* cannot write, and waits for nobody
    who does. *limited_to* is the member whose reach it has, if not the whole firm's.
    """
    session = AsyncSession(
        database.look_engine if looking else database.write_engine,
        sync_session_class=FirmBound,
        expire_on_commit=False,
        autoflush=False,
        info={"firm_id": firm_id, LIMITED: limited_to, "trail": Trail(visit)},
    )
    async with session:
        yield session


@contextmanager
def whole_firm(session: AsyncSession) -> Generator[None]:
    """Lets a use case see past its caller's reach: what it does there has to be done all over."""
    bound = session.sync_session
    assert isinstance(bound, FirmBound)
    before = bound.reach(None)
    try:
        yield
    finally:
        bound.reach(before)
