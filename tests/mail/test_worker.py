"""What becomes of a mail: sent, tried again, given up, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from mail import outbox
from mail.delivery import Refused, Unreachable, transport
from mail.worker import PAUSES, Worker
from models import Invitation, Mail
from models.enums import DeliveryStatus, Locale
from tenancy.database import Database
from tenancy.session import firm_session
from tests.mail.conftest import SECRET_LINK, Clock, MailServer, Post
from tests.mail.people import (
    Invited,
    invite_somebody,
    read_invitation,
    read_mail,
    write_invitation,
)

pytestmark = pytest.mark.anyio


async def test_a_mail_is_sent_once_and_its_invitation_knows(
    database: Database, invited: Invited, clock: Clock, employ: Callable[..., Worker]
) -> None:
    mail_id = await write_invitation(database, invited, clock.now)
    worker = employ(post := Post())
    assert [await worker.deliver_due() for _ in range(2)] == [1, 0]
    assert post.handed == [(mail_id, "eva@kundin.example")]
    mail = await read_mail(database, invited.firm_id, mail_id)
    assert mail is not None
    assert (mail.state, mail.sent_at, mail.attempts) == (DeliveryStatus.SENT, clock.now, 1)
    assert (await read_invitation(database, invited)).delivery is DeliveryStatus.SENT


async def test_a_mail_that_is_not_committed_is_not_sent(
    database: Database, invited: Invited, clock: Clock, employ: Callable[..., Worker]
) -> None:
    async with firm_session(database, invited.firm_id) as session:
        outbox.write(
            session,
            firm_id=invited.firm_id,
            template=outbox.Template.PASSWORD_CHANGED,
            recipient="eva@kundin.example",
            locale=Locale.DE,
            content={"first_name": "Eva"},
            now=clock.now,
        )
        await session.flush()
    assert await employ(Post()).deliver_due() == 0


async def test_the_pauses_grow_and_after_three_days_a_mail_is_given_up(
    database: Database,
    invited: Invited,
    clock: Clock,
    employ: Callable[..., Worker],
    given_up: list[Any],
) -> None:
    assert list(PAUSES) == sorted(PAUSES)
    assert timedelta(days=3) <= sum(PAUSES, timedelta()) <= timedelta(days=3, hours=6)
    mail_id = await write_invitation(database, invited, clock.now)
    worker = employ(post := Post(*[Unreachable("450 Later", 450) for _ in range(12)]))
    for pause in PAUSES:
        assert await worker.deliver_due() == 1
        clock.now += pause - timedelta(seconds=1)
        assert await worker.deliver_due() == 0
        clock.now += timedelta(seconds=1)
        assert given_up == []
        assert (await read_invitation(database, invited)).delivery is DeliveryStatus.QUEUED
    assert await worker.deliver_due() == 1
    assert len(post.handed) == len(PAUSES) + 1 == 12
    assert given_up == [(invited.firm_id, mail_id, "450 Later")]
    assert (await read_invitation(database, invited)).delivery is DeliveryStatus.FAILED
    clock.now += timedelta(days=30)
    assert await worker.deliver_due() == 0


async def test_a_refused_address_is_given_up_at_once(
    database: Database,
    invited: Invited,
    clock: Clock,
    employ: Callable[..., Worker],
    given_up: list[Any],
) -> None:
    mail_id = await write_invitation(database, invited, clock.now)
    await employ(Post(Refused("550 No such user", 550))).deliver_due()
    assert given_up == [(invited.firm_id, mail_id, "550 No such user")]
    mail = await read_mail(database, invited.firm_id, mail_id)
    assert mail is not None
    assert (mail.state, mail.failure) == (DeliveryStatus.FAILED, "550 No such user")
    assert (await read_invitation(database, invited)).delivery is DeliveryStatus.FAILED


async def test_a_real_server_takes_one_mail_and_refuses_another(
    database: Database,
    clock: Clock,
    employ: Callable[..., Worker],
    given_up: list[Any],
    listen: Callable[..., MailServer],
) -> None:
    server = listen()
    worker = employ(transport(server.url))
    firms = [await invite_somebody(database, clock.now) for _ in range(2)]
    taken = await write_invitation(database, firms[0], clock.now)
    await worker.deliver_due()
    server.answers["RCPT"] = "550 5.1.1 No such user"
    refused = await write_invitation(database, firms[1], clock.now)
    await worker.deliver_due()
    [got] = server.received
    assert got.recipients == ["eva@kundin.example"]
    assert got.message["Message-ID"] == f"<{taken}@mandant.example>"
    assert given_up == [(firms[1].firm_id, refused, "550 5.1.1 No such user")]
    deliveries = [(await read_invitation(database, firm)).delivery for firm in firms]
    assert deliveries == [DeliveryStatus.SENT, DeliveryStatus.FAILED]


async def test_the_outbox_holds_no_link(
    database: Database, invited: Invited, clock: Clock, employ: Callable[..., Worker]
) -> None:
    mail_id = await write_invitation(database, invited, clock.now)
    sent: list[EmailMessage] = []

    class Reading(Post):
        async def deliver(self, message: EmailMessage, *, recipient: str, mail_id: str) -> None:
            sent.append(message)

    await employ(Reading()).deliver_due()
    body = sent[0].get_body(("plain",))
    assert body is not None and SECRET_LINK in body.get_content()
    mail = await read_mail(database, invited.firm_id, mail_id)
    assert "the-secret" not in repr(vars(mail))


async def test_a_mail_is_given_up_together_with_what_is_told_of_it(
    database: Database, invited: Invited, clock: Clock, employ: Callable[..., Worker]
) -> None:
    mail_id = await write_invitation(database, invited, clock.now)

    async def stumble(*_: Any) -> None:
        raise RuntimeError

    await employ(Post(Refused("550", 550)), on_failed=stumble).deliver_due()
    mail = await read_mail(database, invited.firm_id, mail_id)
    assert mail is not None and mail.state is DeliveryStatus.QUEUED
    clock.now += timedelta(minutes=3)
    assert await employ(Post()).deliver_due() == 1


async def test_an_older_mail_does_not_speak_for_an_invitation(
    database: Database, invited: Invited, clock: Clock, employ: Callable[..., Worker]
) -> None:
    older = await write_invitation(database, invited, clock.now)
    worker = employ(Post(Unreachable("450 Later"), Refused("550")))
    await worker.deliver_due()
    newer = await write_invitation(database, invited, clock.now + timedelta(days=1))
    clock.now += timedelta(minutes=1)
    await worker.deliver_due()
    assert (await read_invitation(database, invited)).delivery is DeliveryStatus.QUEUED
    clock.now += timedelta(days=1)
    assert await worker.deliver_due() == 1
    states = [await read_mail(database, invited.firm_id, id) for id in (older, newer)]
    assert [mail and mail.state for mail in states] == [DeliveryStatus.FAILED, DeliveryStatus.SENT]
    assert (await read_invitation(database, invited)).delivery is DeliveryStatus.SENT


async def test_what_waits_is_withdrawn_and_what_is_under_way_is_not(
    database: Database, invited: Invited, clock: Clock, employ: Callable[..., Worker]
) -> None:
    async def withdraw() -> None:
        async with firm_session(database, invited.firm_id) as session:
            own = select(Invitation.id).where(Invitation.id == invited.invitation_id)
            await outbox.withdraw(session, firm_id=invited.firm_id, invitations=own)
            await session.commit()

    fresh = await write_invitation(database, invited, clock.now)
    await withdraw()
    assert await read_mail(database, invited.firm_id, fresh) is None

    tried = await write_invitation(database, invited, clock.now)
    await employ(Post(Unreachable("450 Later"))).deliver_due()
    await withdraw()
    assert await read_mail(database, invited.firm_id, tried) is None

    class Withdrawing(Post):
        async def deliver(self, message: EmailMessage, *, recipient: str, mail_id: str) -> None:
            await withdraw()

    under_way = await write_invitation(database, invited, clock.now)
    await employ(Withdrawing()).deliver_due()
    await withdraw()
    mail = await read_mail(database, invited.firm_id, under_way)
    assert mail is not None and mail.state is DeliveryStatus.SENT


@pytest.mark.parametrize("broken", ["content", "template", "recipient"])
async def test_a_mail_that_cannot_be_made_stops_nobody_and_tells_no_secret(
    database: Database,
    invited: Invited,
    clock: Clock,
    employ: Callable[..., Worker],
    broken: str,
) -> None:
    bad = await write_invitation(database, invited, clock.now)
    values = {"content": {"first_name": "x"}, "template": "BILL", "recipient": "a@b, c@d.example"}
    async with firm_session(database, invited.firm_id) as session:
        await session.execute(update(Mail).where(Mail.id == bad).values({broken: values[broken]}))
        await session.commit()
    good = await write_invitation(database, invited, clock.now + timedelta(seconds=1))
    clock.now += timedelta(seconds=1)
    with capture_logs() as logs:
        assert await employ(post := Post()).deliver_due() == 2
    assert post.ids == [good]
    mail = await read_mail(database, invited.firm_id, bad)
    assert mail is not None
    expected = DeliveryStatus.FAILED if broken == "recipient" else DeliveryStatus.QUEUED
    assert mail.state is expected and mail.failure and mail.due_at > clock.now
    for hidden in ("eva@", "a@b", "the-secret", "Müller"):
        assert hidden not in repr(logs)
