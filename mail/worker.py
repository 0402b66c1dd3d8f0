"""The worker: takes mails from the outbox, hands them over, and notes what came of it.

Each step is a short transaction of its own, and nothing is held while a mail server is spoken
to. A mail is taken by moving its `due_at` ahead: nobody else takes it meanwhile, and if this
process dies, it is due again by itself. So a mail may be sent twice, and is never lost.

Looking for due mails is the one step that is not inside a firm; it sees ids alone. On PostgreSQL
the policies let it see the outbox because the transaction says `mandant.delivery`.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from mail.addresses import AddressInvalid
from mail.delivery import Refused, Transport, Unreachable
from mail.outbox import WAITS
from mail.render import Message
from models import Firm, Invitation, Mail
from models.enums import DeliveryStatus
from tenancy.database import Database
from tenancy.reading import read_rows
from tenancy.recording import BY_HAND, trail_of
from tenancy.session import firm_session

PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=8),
    *[timedelta(hours=12)] * 5,
)
"""How long a mail waits after each try. Twelve tries in three days; then it is given up."""

_HELD = timedelta(minutes=2)
"""For so long a mail belongs to the worker that took it."""
_PATIENCE = 100.0
"""Seconds for handing one mail over: less than it is held, so that no other worker starts it."""
_LOOK_EVERY = 1.0
_AT_ONCE = 4
_FAREWELL = 10.0
"""Seconds that a mail under way is given when the worker is stopped."""

OnFailed = Callable[[AsyncSession, str, Mail], Awaitable[None]]
"""(the firm's session, the firm's id, the mail): what else is written when a mail is given up."""

_log = structlog.get_logger("mandant.mail")


class Render(Protocol):
    def __call__(self, mail: Mail, firm: Firm, *, now: datetime) -> Message: ...


@dataclass(frozen=True)
class _Outcome:
    state: DeliveryStatus
    reason: str | None = None
    due_at: datetime | None = None


class Worker:
    """Sends what is due. Several of them, in several processes, may share a database."""

    def __init__(
        self,
        database: Database,
        *,
        transport: Transport,
        render: Render,
        clock: Callable[[], datetime],
        on_failed: OnFailed,
        pauses: Sequence[timedelta] = PAUSES,
    ) -> None:
        """*clock* tells the time in UTC; *on_failed* runs in the transaction that gives up."""
        self._database = database
        self._transport = transport
        self._render = render
        self._clock = clock
        self._on_failed = on_failed
        self._pauses = pauses
        self._woken = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Says that something may be due: called in the worker's event loop, after a commit."""
        self._woken.set()

    async def run(self) -> None:
        """Sends until it is cancelled; mails under way then get ten seconds to be finished."""
        try:
            while True:
                self._woken.clear()
                if not await self._deliver_or_log():
                    await self._pause()
        finally:
            await self._finish()

    async def deliver_due(self, limit: int = 20) -> int:
        """Tries up to *limit* mails that are due, a few at once; says how many it took.

        Each firm's oldest come before any firm's second oldest, so that a firm that invites
        a thousand clients does not hold up the others.
        """
        room = asyncio.Semaphore(_AT_ONCE)
        tries = [self._try(room, firm_id, mail_id) for firm_id, mail_id in await self._due(limit)]
        return sum(await asyncio.gather(*tries))

    async def _deliver_or_log(self) -> int:
        try:
            return await self.deliver_due()
        except Exception as error:
            _log.error("mail.outbox_unreadable", error=type(error).__name__)
            return 0

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), _LOOK_EVERY)
        except TimeoutError:
            return

    async def _finish(self) -> None:
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=_FAREWELL)
            for task in late:
                task.cancel()

    async def _due(self, limit: int) -> Sequence[tuple[str, str]]:
        due = (
            select(
                Mail.firm_id,
                Mail.id,
                Mail.due_at,
                func.row_number()
                .over(partition_by=Mail.firm_id, order_by=(Mail.due_at, Mail.id))
                .label("place"),
            )
            .where(WAITS, Mail.due_at <= self._clock())
            .subquery()
        )
        statement = select(due.c.firm_id, due.c.id).order_by(due.c.place, due.c.due_at).limit(limit)
        if self._database.kind == "sqlite":
            # The one connection that writes is too precious for looking every second.
            return [tuple(row) for row in await read_rows(self._database, statement)]
        async with self._database.write_engine.begin() as connection:
            await connection.execute(select(func.set_config("mandant.delivery", "on", True)))
            return [(firm_id, id) for firm_id, id in await connection.execute(statement)]

    async def _try(self, room: asyncio.Semaphore, firm_id: str, mail_id: str) -> bool:
        async with room:
            try:
                taken = await self._database.unbroken(self._take(firm_id, mail_id))
            except Exception as error:
                _log.error("mail.not_taken", mail=mail_id, firm=firm_id, error=type(error).__name__)
                return False
            if taken is None:
                return False
            # A task of its own, which a cancelled worker can still wait for.
            task = asyncio.create_task(self._send(*taken))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            await asyncio.shield(task)
            return True

    async def _take(self, firm_id: str, mail_id: str) -> tuple[Mail, Firm] | None:
        """The mail, ours for two minutes; None where another worker was faster."""
        now = self._clock()
        async with firm_session(self._database, firm_id) as session:
            mail = await session.scalar(
                update(Mail)
                .where(
                    Mail.id == mail_id,
                    Mail.state == DeliveryStatus.QUEUED,
                    Mail.due_at <= now,
                )
                .values(due_at=now + _HELD, attempts=Mail.attempts + 1, failure=None)
                .returning(Mail)
            )
            if mail is None:
                return None
            firm = (await session.scalars(select(Firm))).one()
            await session.commit()
            return mail, firm

    async def _send(self, mail: Mail, firm: Firm) -> None:
        log = _log.bind(mail=mail.id, firm=firm.id, template=mail.template, attempt=mail.attempts)
        try:
            outcome = await self._hand_over(mail, firm, log)
            await self._note(mail, outcome)
        except Exception as error:
            # Left as it is: it is due again when it is held no longer.
            log.error("mail.not_noted", error=type(error).__name__)
        else:
            log.info("mail.tried", state=outcome.state.value, again_at=outcome.due_at)

    async def _hand_over(
        self, mail: Mail, firm: Firm, log: structlog.typing.FilteringBoundLogger
    ) -> _Outcome:
        try:
            message = self._render(mail, firm, now=self._clock())
            async with asyncio.timeout(_PATIENCE):
                await self._transport.deliver(
                    message.as_email(), recipient=message.recipient, mail_id=mail.id
                )
        except Refused as refused:
            return _Outcome(DeliveryStatus.FAILED, refused.reason)
        except AddressInvalid as error:
            return _Outcome(DeliveryStatus.FAILED, str(error))
        except Unreachable as unreachable:
            return self._later(mail, unreachable.reason)
        except TimeoutError:
            return self._later(mail, "The mail server took too long.")
        except Exception as error:
            # Its text may hold what stands in the mail: only its kind and place are told.
            [*_, frame] = traceback.extract_tb(error.__traceback__)
            place = f"{frame.filename}:{frame.lineno}"
            log.error("mail.not_made", error=type(error).__name__, at=place)
            return self._later(mail, f"The mail could not be made: {type(error).__name__}.")
        return _Outcome(DeliveryStatus.SENT)

    def _later(self, mail: Mail, reason: str) -> _Outcome:
        if mail.attempts > len(self._pauses):
            return _Outcome(DeliveryStatus.FAILED, reason)
        pause = self._pauses[mail.attempts - 1]
        return _Outcome(DeliveryStatus.QUEUED, reason, self._clock() + pause)

    async def _note(self, mail: Mail, outcome: _Outcome) -> None:
        sent = outcome.state is DeliveryStatus.SENT
        statement = update(Mail).where(Mail.id == mail.id, Mail.state == DeliveryStatus.QUEUED)
        if not sent:
            # Held for too long, and taken by another worker: what comes of it is that one's.
            statement = statement.where(Mail.attempts == mail.attempts)
        async with firm_session(self._database, mail.firm_id) as session:
            noted = await session.scalar(
                statement.values(
                    state=outcome.state,
                    failure=outcome.reason,
                    sent_at=self._clock() if sent else None,
                    due_at=outcome.due_at or mail.due_at,
                ).returning(Mail)
            )
            if noted is None:
                return
            if noted.state is not DeliveryStatus.QUEUED:
                await _note_delivery(session, noted)
            if noted.state is DeliveryStatus.FAILED:
                await self._on_failed(session, noted.firm_id, noted)
            await session.commit()


async def _note_delivery(session: AsyncSession, mail: Mail) -> None:
    """Tells the mail's invitation, unless a newer mail of it speaks for it."""
    if mail.invitation_id is None:
        return
    newer = aliased(Mail)
    superseded = (
        select(newer.id)
        .where(newer.invitation_id == mail.invitation_id, newer.created_at > mail.created_at)
        .exists()
    )
    noted = await session.scalar(
        update(Invitation)
        .where(Invitation.id == mail.invitation_id, ~superseded)
        .values(delivery=mail.state)
        .returning(Invitation.id)
        .execution_options(**BY_HAND)
    )
    if noted is not None and mail.state is DeliveryStatus.FAILED:
        trail_of(session).wrote(
            Invitation,
            noted,
            before={"delivery": DeliveryStatus.QUEUED},
            after={"delivery": mail.state},
        )
