"""Inviting one account contact: what is checked, what is written, and what kills it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm.attributes import flag_modified

from auth.links import Purpose
from mail import outbox
from mail.outbox import Template
from models import Account, AccountContact, Contact, ContactAddress, Invitation, PortalUser
from models.enums import DeliveryStatus, InvitationStatus, Locale
from resolvers.bulk import is_one_of
from resolvers.circumstances import circumstances
from resolvers.refusal import ErrorCode, Place, Problems
from resolvers.targets import Target
from resolvers.texts import MESSAGE_LENGTH, clean
from resolvers.unit import Unit
from tenancy.recording import change

LIFETIME = timedelta(days=14)
FREE_SENDS, PAUSE_AFTER = 10, timedelta(hours=1)
"""A contact of an account may be invited so often without a pause; then once in an hour."""
_AT_A_TIME = 1000


@dataclass(frozen=True)
class History:
    """What was sent for an account contact: the newest invitation, and how often in all."""

    newest: Invitation
    sent: int

    def too_often(self, now: datetime) -> bool:
        """Whether the next one has to wait."""
        return self.sent >= FREE_SENDS and self.newest.sent_at > now - PAUSE_AFTER


async def invite(
    unit: Unit, row: AccountContact, contact: Contact, account: Account, message: str | None
) -> Invitation:
    """Writes one invitation and its mail; every older link of it dies."""
    [invitation] = await invite_all(unit, [(row, contact, account)], message)
    return invitation


async def invite_all(
    unit: Unit, targets: Sequence[Target], message: str | None
) -> Sequence[Invitation]:
    """Writes an invitation and its mail for each target; every older link of it dies.

    Somebody who has a password already is told of the account instead: there is
    nothing to activate, and so no link. However many they are, it takes the same few
    statements, and one more for each thousand.
    """
    said = clean(Problems(), (), message, most=MESSAGE_LENGTH, lines=True)
    usual = (await circumstances(unit)).locale
    known = await _with_password(unit, [contact.email_key or "" for _, contact, _ in targets])
    new = unit.session.new
    live = await _live(unit, [row.id for row, _, _ in targets if row not in new])
    if live:
        again = is_one_of(unit, Invitation.id, [invitation.id for invitation in live.values()])
        await outbox.withdraw(
            unit.session, firm_id=unit.firm_id, invitations=select(Invitation.id).where(again)
        )
    sent: list[Invitation] = []
    for row, contact, account in targets:
        invitation = live.get(row.id) or unit.new(
            Invitation, account_contact_id=row.id, counter=0, send_count=0
        )
        _fill(unit, invitation, contact, said, known=contact.email_key in known)
        _write_mail(unit, invitation, contact, account, usual)
        sent.append(invitation)
        if len(sent) % _AT_A_TIME == 0:
            # So that others get their turn between.
            await unit.session.flush()
    return sent


def _fill(
    unit: Unit, invitation: Invitation, contact: Contact, message: str | None, *, known: bool
) -> None:
    """Makes *invitation* a fresh one, for somebody who is *known* to have a password or not."""
    by_member = unit.visit.caller.member_id if unit.visit.caller else None
    written: dict[str, Any] = {
        "email": contact.email,
        "email_key": contact.email_key,
        "state": InvitationStatus.ACCEPTED if known else InvitationStatus.PENDING,
        "accepted_at": unit.now if known else None,
        "message": message,
        "counter": invitation.counter + 1,
        "send_count": invitation.send_count + 1,
        "delivery": DeliveryStatus.QUEUED,
        "sent_by_id": by_member or invitation.sent_by_id,
        "sent_at": unit.now,
        "expires_at": unit.now + LIFETIME,
    }
    for name, value in written.items():
        same = getattr(invitation, name) == value
        setattr(invitation, name, value)
        if same:
            # Written all the same, so that one statement is for all of them.
            flag_modified(invitation, name)


async def _live(unit: Unit, ids: Sequence[str]) -> dict[str, Invitation]:
    """The invitations that can still be used, locked, by their account contacts' ids."""
    if not ids:
        return {}
    found = await unit.session.scalars(
        select(Invitation)
        .where(
            is_one_of(unit, Invitation.account_contact_id, ids),
            Invitation.state == InvitationStatus.PENDING,
        )
        .order_by(Invitation.id)
        .with_for_update()
    )
    return {invitation.account_contact_id: invitation for invitation in found}


def _write_mail(
    unit: Unit, invitation: Invitation, contact: Contact, account: Account, usual: Locale
) -> None:
    known = invitation.state is InvitationStatus.ACCEPTED
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
        locale=contact.locale or usual,
        content=content,
        invitation_id=invitation.id,
        now=unit.now,
    )


def check_message(problems: Problems, place: Place, message: str | None) -> None:
    """Refuses a personal message that is too long or hides something."""
    clean(problems, place, message, most=MESSAGE_LENGTH, lines=True)


def check_ready(
    problems: Problems, place: Place, contact: Contact, *, login: bool, archived: bool
) -> None:
    """Refuses to invite where the portal would stay closed: *login* is off, or the account
    *archived*."""
    if archived:
        problems.add(place, ErrorCode.CONFLICT, "The account is archived. Restore it first.")
    elif not login:
        problems.add(place, ErrorCode.LOGIN_OFF, "Turn LOGIN on to invite this contact.")
    else:
        check_address(problems, place, contact)


def check_address(problems: Problems, place: Place, contact: Contact) -> None:
    """Refuses LOGIN for a contact without an address."""
    if contact.email is None:
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
        select(Invitation)
        .where(is_one_of(unit, Invitation.account_contact_id, ids))
        .order_by(Invitation.id)
    )
    sent: dict[str, int] = {}
    histories: dict[str, History] = {}
    for row in found:
        id = row.account_contact_id
        sent[id] = sent.get(id, 0) + row.send_count
        histories[id] = History(row, sent[id])
    return histories


async def _with_password(unit: Unit, email_keys: Sequence[str]) -> set[str]:
    """Those of *email_keys* that somebody signs in with already."""
    if len(email_keys) == 1:
        around = await circumstances(unit, email_keys[0])
        return set(email_keys if around.has_password else ())
    found = await unit.session.scalars(
        select(PortalUser.email_key).where(
            is_one_of(unit, PortalUser.email_key, email_keys), PortalUser.password_hash.is_not(None)
        )
    )
    return set(found)


async def revoke_of(unit: Unit, account_contact_ids: Sequence[str]) -> None:
    """Revokes what is pending for these account contacts."""
    theirs = is_one_of(unit, Invitation.account_contact_id, account_contact_ids)
    await revoke(unit, select(Invitation.id).where(theirs))


async def revoke_of_accounts(unit: Unit, account_ids: Sequence[str]) -> None:
    """Revokes what is pending for every contact in these accounts."""
    entries = select(AccountContact.id).where(
        is_one_of(unit, AccountContact.account_id, account_ids)
    )
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
    await change(
        unit.session,
        Invitation,
        Invitation.id.in_(ids),
        Invitation.state == InvitationStatus.PENDING,
        before={"state": InvitationStatus.PENDING},
        after={"state": InvitationStatus.REVOKED},
    )
    dead = ids.where(Invitation.state == InvitationStatus.REVOKED)
    await outbox.withdraw(unit.session, firm_id=unit.firm_id, invitations=dead)
