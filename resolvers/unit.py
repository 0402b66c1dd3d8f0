"""The unit of work: the caller and the firm's session together, in one transaction."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.forms import Forms
from auth.links import Links
from auth.passwords import Passwords
from auth.permissions import Forbidden
from models import Firm, FirmOwned
from models.enums import Locale, Permission
from models.ids import new_id
from tenancy.audit import Trail
from tenancy.caller import Caller, Visit
from tenancy.database import Database
from tenancy.reading import Lookup
from tenancy.recording import trail_of
from tenancy.session import FirmBound, firm_session, whole_firm
from tenancy.signals import Signals
from tenancy.statements import fetch_value, find_firm

Row = TypeVar("Row", bound=FirmOwned)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What one running Mandant consists of, made once when it starts."""

    database: Database
    passwords: Passwords
    links: Links
    forms: Forms
    base_url: str
    signals: Signals
    wake_mail: Callable[[], None]

    @property
    def https(self) -> bool:
        """Whether people reach the deployment by HTTPS."""
        return self.base_url.startswith("https:")


class Unit:
    """What every use case gets first. Nothing is written before `run` commits it."""

    def __init__(self, deployment: Deployment, visit: Visit, session: AsyncSession) -> None:
        self.deployment = deployment
        self.visit = visit
        self.session = session
        self.now = datetime.now(UTC)
        self.is_trial = False
        # What was read once and is asked for again, under whatever its reader likes.
        self.kept: dict[Any, Any] = {}

    @property
    def caller(self) -> Caller:
        """Who asks. Only for use cases that are not open to anyone."""
        assert self.visit.caller is not None
        return self.visit.caller

    @property
    def locale(self) -> Locale:
        """The language in which the caller is answered."""
        return self.visit.caller.locale if self.visit.caller else self.visit.locale

    @property
    def firm_id(self) -> str:
        """The firm that the unit is in."""
        bound = self.session.sync_session
        assert isinstance(bound, FirmBound) and bound.firm_id is not None
        return bound.firm_id

    @property
    def trail(self) -> Trail:
        """What the audit trail is told, beside the rows that are added, changed and deleted."""
        return trail_of(self.session)

    @property
    def in_firm(self) -> bool:
        """Whether the unit has a firm yet."""
        bound = self.session.sync_session
        return isinstance(bound, FirmBound) and bound.firm_id is not None

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> str | None:
        """The single value of a statement in the driver's own form, in this transaction."""
        return await fetch_value(self.session, sql, parameters)

    async def look_up(self, lookup: Lookup, **given: Any) -> list[Any] | None:
        """The row that *lookup* finds in the unit's firm, in this transaction."""
        dialect = self.deployment.database.dialect
        sql, parameters = lookup.statement(dialect, firm_id=self.firm_id, **given)
        return lookup.row(await self.fetch(sql, parameters))

    async def enter(self, firm_id: str) -> None:
        """Binds a unit that nobody is signed in to (its link or slug names the firm)."""
        if not self.in_firm:
            await self.session.run_sync(lambda bound: cast("FirmBound", bound).enter(firm_id))
        assert self.firm_id == firm_id

    async def enter_by_slug(self, slug: str) -> Firm | None:
        """Binds the unit to the firm with this slug; None where there is none."""
        firm = await find_firm(self.session, slug)
        if firm is not None:
            await self.enter(firm.id)
        return firm

    def require(self, permission: Permission) -> None:
        """Raises Forbidden for a caller who lacks a permission that the input turns out to need."""
        if permission not in self.caller.permissions:
            raise Forbidden

    def whole_firm(self) -> AbstractContextManager[None]:
        """Lets the use case see past the caller's reach, for what has to be done all over."""
        return whole_firm(self.session)

    async def firm(self) -> Firm:
        """The firm that the unit is in; read once."""
        return await self.session.get_one(Firm, self.firm_id)

    def new(self, table: type[Row], **columns: Any) -> Row:
        """A row with a fresh id, added to the transaction."""
        given: dict[str, Any] = {"id": new_id(table.id_prefix), "firm_id": self.firm_id, **columns}
        row = table(**given)
        self.session.add(row)
        return row

    async def find(self, table: type[Row], id: str, *, lock: bool = False) -> Row | None:
        """The firm's row with this id; *lock* keeps others from changing it until the end."""
        statement = select(table).where(table.id == id)
        if lock:
            statement = statement.with_for_update()
        return await self.session.scalar(statement)

    def only_try(self) -> None:
        """Has everything undone in the end: what is answered is how it would be."""
        self.is_trial = True

    async def conclude(self) -> None:
        """Writes what the use case has left to be written, and what the audit trail tells."""
        await self.session.run_sync(lambda bound: cast("FirmBound", bound).conclude())

    async def release(self) -> None:
        """Commits what was done so far, so that nothing is held while slow work goes on."""
        await self.session.commit()


@asynccontextmanager
async def unit_of_work(
    deployment: Deployment, visit: Visit, *, looking: bool = False
) -> AsyncGenerator[Unit]:
    """A unit for *visit*, in the caller's firm (or in none yet); rolled back unless committed.

    One that is only *looking* cannot write.
    """
    caller = visit.caller
    async with firm_session(
        deployment.database,
        caller.firm_id if caller else None,
        visit=visit,
        looking=looking,
        limited_to=caller.limited_to if caller else None,
    ) as session:
        yield Unit(deployment, visit, session)
