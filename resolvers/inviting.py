"""Inviting one account contact: what is checked, what is written, and what kills it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, update

from auth.links import Purpose
from mail import outbox
from mail.outbox import Template
from models import Account, AccountContact, Contact, ContactAddress, Invitation, PortalUser
from models.enums import AccountStatus, DeliveryStatus, InvitationStatus
from resolvers.refusal import ErrorCode, Place, Problems
from resolvers.texts import MESSAGE_LENGTH, clean
from resolvers.unit import Unit
from tenancy.recording import BY_HAND

LIFETIME = timedelta(days=14)
FREE_SENDS, PAUSE_AFTER = 10, timedelta(hours=1)
"""A contact of an account may be invited so often without a pause; then once in an hour."""


@dataclass(frozen=True)
class History:
    """What was sent for an account contact: the newest invitation, and how often in all."""

    newest: Invitation
    sent: int

    def too_often(self, now: datetime) -> bool:
        """Whether the next one has to wait."""
        return self.sent >= FREE_SENDS and self.newest.sent_at > now - PAUSE_AFTER


async def invite(
    unit: Unit,
    row: AccountContact,
    contact: Contact,
    account: Account,
    message: str | None,
) -> Invitation:
    """Writes the invitation and its mail; every older link of it dies.

    Somebody who has a password already is told of the account instead: there is
    nothing to activate, and so no link.
    """
    assert contact.email is not None and contact.email_key is not None
    known = await _has_password(unit, contact.email_key)
    live = None if row in unit.session.new else await _live(unit, row)
    if live is not None:
        await outbox.withdraw(unit.session, firm_id=unit.firm_id, invitation_id=live.id)
    invitation = live or unit.new(Invitation, account_contact_id=row.id, counter=0, send_count=0)
    by_member = unit.visit.caller.member_id if unit.visit.caller else None
    invitation.email = contact.email
    invitation.email_key = contact.email_key
    invitation.state = InvitationStatus.ACCEPTED if known else InvitationStatus.PENDING
    invitation.accepted_at = unit.now if known else None
    invitation.message = clean(Problems(), (), message, most=MESSAGE_LENGTH, lines=True)
    invitation.counter += 1
    invitation.send_count += 1
    invitation.delivery = DeliveryStatus.QUEUED
    invitation.sent_by_id = by_member or invitation.sent_by_id
    invitation.sent_at = unit.now
    invitation.expires_at = unit.now + LIFETIME
    await _write_mail(unit, invitation, contact, account, known=known)
    return invitation


async def _live(unit: Unit, row: AccountContact) -> Invitation | None:
    """The invitation of *row* that can still be used, locked."""
    return await unit.session.scalar(
        select(Invitation)
        .where(
            Invitation.account_contact_id == row.id,
            Invitation.state == InvitationStatus.PENDING,
        )
        .with_for_update()
    )


async def _write_mail(
    unit: Unit, invitation: Invitation, contact: Contact, account: Account, *, known: bool
) -> None:
    firm = await unit.firm()
    content: dict[str, Any] = {
        "first_name": contact.first_name,
        "account_name": account.name,
        "message": invitation.message,
    }
    if not known:
        content["again"] = invitation.send_count > 1
        content["valid_until"] = invitation.expires_at.isoformat()
        content["link"] = {
            "purpose": Purpose.INVITATION,
            "subject_id": invitation.id,
            "counter": invitation.counter,
        }
    outbox.write(
        unit.session,
        firm_id=unit.firm_id,
        template=Template.ACCOUNT_ACCESS if known else Template.INVITATION,
        recipient=invitation.email,
        locale=contact.locale or firm.locale,
        content=content,
        invitation_id=invitation.id,
        now=unit.now,
    )


def check_message(problems: Problems, place: Place, message: str | None) -> None:
    """Refuses a personal message that is too long or hides something."""
    clean(problems, place, message, most=MESSAGE_LENGTH, lines=True)


def check_ready(
    problems: Problems, place: Place, row: AccountContact, contact: Contact, account: Account
) -> None:
    """Refuses to invite where the portal would stay closed."""
    if account.status is AccountStatus.ARCHIVED:
        problems.add(place, ErrorCode.CONFLICT, "The account is archived. Restore it first.")
    elif not row.login:
        problems.add(place, ErrorCode.LOGIN_OFF, "Turn LOGIN on to invite this contact.")
    elif contact.email is None:
        problems.add(
            place, ErrorCode.EMAIL_MISSING, "LOGIN needs an e-mail address at the contact."
        )


async def check_again(
    unit: Unit,
    problems: Problems,
    place: Place,
    row: AccountContact,
    contact: Contact,
    *,
    reopened: bool,
) -> None:
    """Refuses to invite somebody who was written to very often, or who can enter already.

    *reopened* says that they could not until now, because LOGIN was off.
    """
    history = (await histories_of(unit, [row.id])).get(row.id)
    check_history(unit, problems, place, contact, history, reopened=reopened)


def check_history(
    unit: Unit,
    problems: Problems,
    place: Place,
    contact: Contact,
    history: History | None,
    *,
    reopened: bool = False,
) -> None:
    """Does what `check_again` does, for a *history* that is known."""
    if history is None:
        return
    newest = history.newest
    accepted = newest.state is InvitationStatus.ACCEPTED
    if accepted and newest.email_key == contact.email_key and not reopened:
        problems.add(place, ErrorCode.ALREADY_ACTIVE, "This contact can enter the account already.")
    elif history.too_often(unit.now):
        problems.add(
            place,
            ErrorCode.LIMIT_REACHED,
            "This invitation was sent very often. Wait an hour before the next time.",
        )


async def histories_of(unit: Unit, ids: Sequence[str]) -> dict[str, History]:
    """What was sent before, for each account contact that anything was sent for."""
    found = await unit.session.scalars(
        select(Invitation).where(Invitation.account_contact_id.in_(ids)).order_by(Invitation.id)
    )
    sent: dict[str, int] = {}
    histories: dict[str, History] = {}
    for row in found:
        id = row.account_contact_id
        sent[id] = sent.get(id, 0) + row.send_count
        histories[id] = History(row, sent[id])
    return histories


async def _has_password(unit: Unit, email_key: str) -> bool:
    return bool(
        await unit.session.scalar(
            select(PortalUser.id).where(
                PortalUser.email_key == email_key, PortalUser.password_hash.is_not(None)
            )
        )
    )


async def revoke_of(unit: Unit, account_contact_ids: Sequence[str]) -> None:
    """Revokes what is pending for these account contacts."""
    await revoke(
        unit, select(Invitation.id).where(Invitation.account_contact_id.in_(account_contact_ids))
    )


async def revoke_of_accounts(unit: Unit, account_ids: Sequence[str]) -> None:
    """Revokes what is pending for every contact in these accounts."""
    entries = select(AccountContact.id).where(AccountContact.account_id.in_(account_ids))
    await revoke(unit, select(Invitation.id).where(Invitation.account_contact_id.in_(entries)))


async def revoke_stale(unit: Unit, contact: Contact) -> None:
    """Revokes what went to an address that the contact does not have any more."""
    await unit.session.flush()
    entries = select(AccountContact.id).where(AccountContact.contact_id == contact.id)
    theirs = select(ContactAddress.email_key).where(ContactAddress.contact_id == contact.id)
    await revoke(
        unit,
        select(Invitation.id).where(
            Invitation.account_contact_id.in_(entries), Invitation.email_key.not_in(theirs)
        ),
    )


async def revoke(unit: Unit, ids: Select[str]) -> None:
    """Revokes what is pending of these invitations; mails that wait are not sent."""
    revoked = await unit.session.scalars(
        update(Invitation)
        .where(Invitation.id.in_(ids), Invitation.state == InvitationStatus.PENDING)
        .values(state=InvitationStatus.REVOKED)
        .returning(Invitation.id)
        .execution_options(**BY_HAND)
    )
    for id in revoked.all():
        unit.trail.wrote(
            Invitation,
            id,
            before={"state": InvitationStatus.PENDING},
            after={"state": InvitationStatus.REVOKED},
        )
        await outbox.withdraw(unit.session, firm_id=unit.firm_id, invitation_id=id)
