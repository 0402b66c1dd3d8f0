"""Links in mails: how a fresh one is sent, what one is good for, how a dead one is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import update

from auth.links import Purpose
from mail import outbox
from mail.outbox import Template
from models import Firm, MemberInvitation, PasswordReset, SignUp
from models.enums import Locale
from resolvers.refusal import ErrorCode, Refused, refuse
from resolvers.unit import Unit


class ActivationStatus(StrEnum):
    VALID = "VALID"
    EXPIRED = "EXPIRED"
    USED = "USED"
    REVOKED = "REVOKED"
    INVALID = "INVALID"


@dataclass(frozen=True, kw_only=True)
class Activation:
    """What a link is good for, and for whom. A dead link tells no more than its firm."""

    status: ActivationStatus
    # Whether the link is REVOKED because a newer one was sent, which may be asked for again.
    replaced: bool = False
    email: str | None = None
    first_name: str | None = None
    firm: Firm | None = None
    # None for a member's link, which opens no account.
    account_name: str | None = None
    expires_at: datetime | None = None


_SENTENCES: dict[ActivationStatus, tuple[ErrorCode, str]] = {
    ActivationStatus.INVALID: (
        ErrorCode.TOKEN_INVALID,
        "This link is not one of ours. Was it copied whole?",
    ),
    ActivationStatus.REVOKED: (
        ErrorCode.TOKEN_INVALID,
        "This link was replaced by a newer one, or taken back.",
    ),
    ActivationStatus.EXPIRED: (
        ErrorCode.TOKEN_EXPIRED,
        "This link is too old. You can ask for a fresh one.",
    ),
    ActivationStatus.USED: (
        ErrorCode.TOKEN_USED,
        "This link has been used. Sign in with your password.",
    ),
}


def refused_link(status: ActivationStatus) -> Refused:
    """The refusal of a link that is not VALID, to be raised."""
    code, sentence = _SENTENCES[status]
    return refuse(("token",), code, sentence)


async def send_fresh_link(
    unit: Unit,
    row: MemberInvitation | PasswordReset | SignUp,
    *,
    until: datetime,
    purpose: Purpose,
    template: Template,
    recipient: str,
    locale: Locale,
    content: Mapping[str, Any],
) -> None:
    """Writes the mail with a link to *row* that is good *until* then; every older one dies.

    Mails that wait with an older one are not sent.
    """
    await withdraw_link(unit, row)
    row.counter += 1
    row.expires_at = until
    link = {"purpose": purpose, "subject_id": row.id, "counter": row.counter}
    outbox.write(
        unit.session,
        firm_id=unit.firm_id,
        template=template,
        recipient=recipient,
        locale=locale,
        content={**content, "link": link},
        now=unit.now,
    )


async def withdraw_link(unit: Unit, row: MemberInvitation | PasswordReset | SignUp) -> None:
    """Takes mails that wait with a link to *row* out of the outbox."""
    if row.counter > 0:
        await outbox.withdraw_link(unit.session, firm_id=unit.firm_id, subject_id=row.id)


async def use_up(unit: Unit, row: PasswordReset | SignUp) -> bool:
    """Uses up the link that *row* was read for; False where it was used or replaced since then.

    Of two at once, one succeeds.
    """
    table: Any = type(row)
    used = await unit.session.scalar(
        update(table)
        .where(
            table.id == row.id,
            table.counter == row.counter,
            table.used.is_(False),
            table.expires_at > unit.now,
        )
        .values(used=True)
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    return used is not None
