"""Set-based statements that the audit trail is told of.

The session refuses one that changes or deletes what is told, unless it says that it is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Text, delete, literal, update
from sqlalchemy.ext.asyncio import AsyncSession

from models import AuditEvent, FirmOwned
from models.base import Document, Key, Timestamp, Unaudited
from models.ids import fresh_id
from tenancy.audit import Trail, plain, told_of
from tenancy.reading import in_drivers_form, values_of
from tenancy.scope import FIRM, within
from tenancy.session import RECORDED, FirmBound, UnrecordedStatement
from tenancy.statements import fetch_value, insert_from

BY_HAND: Mapping[str, Any] = {RECORDED: True, "synchronize_session": False}
"""The options of a statement whose changes are told to the trail beside it, or are not to be."""


def trail_of(session: AsyncSession) -> Trail:
    """What the session tells."""
    bound = session.sync_session
    assert isinstance(bound, FirmBound)
    return bound.trail


async def remove(
    session: AsyncSession, table: type[FirmOwned], *where: ColumnElement[bool]
) -> Sequence[Any]:
    """Deletes rows of *table* by one statement, and tells of each; returns what was told of."""
    names = ("id", *(name for name in told_of(table) if name != "id"))
    statement = delete(table).where(*where).returning(*(getattr(table, name) for name in names))
    rows = (await session.execute(statement.execution_options(**BY_HAND))).all()
    trail = trail_of(session)
    for row in rows:
        trail.wrote(table, row.id, before=dict(zip(names, row, strict=True)), after=None)
    return rows


async def change(
    session: AsyncSession,
    table: type[FirmOwned],
    *where: ColumnElement[bool],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    untold: Mapping[str, Any] | None = None,
) -> Sequence[str]:
    """Changes rows of *table*, all of which held *before*, by one statement, and tells of each.

    *untold* is written beside it. Returns the ids of the rows.
    """
    found: Any = table
    statement = update(table).where(*where).values({**after, **(untold or {})})
    ids = await session.scalars(statement.returning(found.id).execution_options(**BY_HAND))
    changed = ids.all()
    trail = trail_of(session)
    for id in changed:
        trail.wrote(table, id, before=before, after=after)
    return changed


class KeptUpdate:
    """An UPDATE of rows of *table* in the firm, compiled once for each database.

    Raises UnrecordedStatement where the audit trail would have to be told.
    """

    def __init__(
        self,
        table: type[FirmOwned],
        *where: ColumnElement[bool],
        values: Mapping[str, Any],
        returning: str,
    ) -> None:
        if not isinstance(table.audit, Unaudited):
            raise UnrecordedStatement(f"the audit trail is not told of {table.__name__}")
        self._statement = (
            update(table)
            .where(within(table), *where)
            .values(**values)
            .returning(getattr(table, returning))
        )
        self._in_drivers_form = cache(partial(in_drivers_form, self._statement))

    async def run(self, session: AsyncSession) -> Any:
        """What the one row holds then, in the column that was asked for."""
        bound = session.sync_session
        assert isinstance(bound, FirmBound)
        sql, parameters = self._in_drivers_form(session.get_bind().dialect)
        return await fetch_value(session, sql, values_of(parameters, {FIRM: bound.firm_id}))


async def write_from(
    session: AsyncSession,
    table: type[FirmOwned],
    columns: Mapping[str, ColumnElement[Any]],
    *rows: Any,
    where: ColumnElement[bool],
) -> None:
    """Writes rows of *table* that are made of others, as `insert_from` does, and tells of each."""
    names = ("id", *(name for name in told_of(table) if name != "id"))
    made = await insert_from(
        session, table, columns, *rows, where=where, recorded=True, returning=names
    )
    trail = trail_of(session)
    for row in made:
        trail.wrote(table, row[0], before=None, after=dict(zip(names, row, strict=True)))


async def record_each(
    session: AsyncSession,
    action: str,
    *rows: Any,
    subject_id: Any,
    changes: Mapping[str, Sequence[Any]] | ColumnElement[Any] | None = None,
    where: ColumnElement[bool],
) -> None:
    """Writes an event for each of *rows* (aliases of tables) that meet *where*, by one statement.

    To be called before the statement that changes them, with its condition. *subject_id* is an
    expression over *rows*; *changes* is the same for all of them, or JSON of such expressions.
    """
    trail = trail_of(session)
    if not isinstance(changes, ColumnElement):
        told = {name: [plain(each) for each in pair] for name, pair in (changes or {}).items()}
        changes = literal(told or None, Document)
    await insert_from(
        session,
        AuditEvent,
        {
            "id": fresh_id(AuditEvent.id_prefix, session.get_bind().dialect),
            "at": literal(datetime.now(UTC), Timestamp()),
            "actor_id": literal(trail.actor_id, Key),
            "action": literal(action, Key),
            "subject_id": subject_id,
            "changes": changes,
            "ip_address": literal(trail.ip_address, Text()),
        },
        *rows,
        where=where,
    )
