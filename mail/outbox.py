"""The outbox: a mail is a row, written with the transaction that causes it, and sent afterwards.

Its content holds no link. It says what a link would be for (purpose, subject, counter), and the
link is made when the mail is rendered; so nobody who reads the table can use one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, literal_column, or_
from sqlalchemy.ext.asyncio import AsyncSession

from models import Mail
from models.enums import DeliveryStatus, Locale
from models.ids import new_id

WAITS = Mail.state == literal_column(f"'{DeliveryStatus.QUEUED}'")
"""Written out: PostgreSQL sees in no parameter that the index of the few that wait will do."""


class Template(StrEnum):
    """What a mail says. `mail.letters` has the words, and what each needs in its content."""

    INVITATION = "INVITATION"
    ACCOUNT_ACCESS = "ACCOUNT_ACCESS"
    RESET = "RESET"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"
    CLIENT_ACTIVATED = "CLIENT_ACTIVATED"
    SIGN_UP = "SIGN_UP"
    SIGN_UP_KNOWN = "SIGN_UP_KNOWN"
    CLIENT_SIGNED_UP = "CLIENT_SIGNED_UP"
    MEMBER_INVITATION = "MEMBER_INVITATION"
    NOTICE = "NOTICE"
    NOTIFICATION = "NOTIFICATION"


def write(
    session: AsyncSession,
    *,
    firm_id: str,
    template: Template,
    recipient: str,
    locale: Locale,
    content: Mapping[str, Any],
    invitation_id: str | None = None,
    now: datetime,
) -> Mail:
    """Adds a mail to the session's transaction: it is due at once, and sent when that commits.

    *content* is JSON. *invitation_id* names the invitation whose delivery this mail is.
    """
    mail = Mail(
        firm_id=firm_id,
        id=new_id(Mail.id_prefix),
        template=template,
        recipient=recipient,
        locale=locale,
        content=dict(content),
        invitation_id=invitation_id,
        state=DeliveryStatus.QUEUED,
        attempts=0,
        due_at=now,
        created_at=now,
    )
    session.add(mail)
    return mail


async def withdraw(session: AsyncSession, *, firm_id: str, invitations: Select[str]) -> None:
    """Deletes mails of invitations that wait, because those were superseded or revoked.

    *invitations* finds their ids.

    One that a worker holds (tried, with no failure noted yet) is left to it: it may be out.
    """
    await _delete(session, firm_id, Mail.invitation_id.in_(invitations))


async def withdraw_link(session: AsyncSession, *, firm_id: str, subject_id: str) -> None:
    """Deletes mails that wait with a link to this row, as `withdraw` does: the link is dead."""
    subject = Mail.content["link", "subject_id"].as_string()
    await _delete(session, firm_id, subject == subject_id)


async def _delete(session: AsyncSession, firm_id: str, *which: ColumnElement[bool]) -> None:
    await session.execute(
        delete(Mail)
        .where(
            Mail.firm_id == firm_id,
            *which,
            WAITS,
            or_(Mail.attempts == 0, Mail.failure.is_not(None)),
        )
        .execution_options(synchronize_session=False)
    )
