"""Activation: an invitation's link sets the first password. Looking at a link uses nothing up.

A client's link and a member's do the same, and are taken at the same doors; what is a member's
goes on to `resolvers.joining`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from auth import sessions, throttle
from auth.links import LinkInvalid, Purpose
from auth.permissions import public
from models import (
    Account,
    AccountContact,
    Contact,
    ContactAddress,
    Firm,
    Invitation,
    PortalUser,
)
from models.enums import AccountStatus, InvitationStatus, Locale
from models.existence import there_is
from resolvers import inviting, joining, notifications
from resolvers.links import Activation, ActivationStatus, refused_link
from resolvers.passwords import check_password
from resolvers.sessions import SignedIn
from resolvers.unit import Unit
from tenancy.recording import BY_HAND


@dataclass(frozen=True)
class _Invited:
    invitation: Invitation
    entry: AccountContact
    contact: Contact
    account: Account
    counter: int
    # Whether the contact has the address still that the invitation went to.
    is_theirs: bool

    def status(self, now: datetime) -> ActivationStatus:
        """What the link is good for at *now*."""
        row = self.invitation
        if row.state is InvitationStatus.ACCEPTED:
            return ActivationStatus.USED
        if row.state is InvitationStatus.REVOKED or row.counter != self.counter:
            return ActivationStatus.REVOKED
        if not self.still_meant():
            return ActivationStatus.REVOKED
        return ActivationStatus.VALID if row.expires_at > now else ActivationStatus.EXPIRED

    def replaced(self) -> bool:
        """Whether nothing is wrong with the link but that a newer one was sent."""
        row = self.invitation
        return (
            row.state is InvitationStatus.PENDING
            and row.counter != self.counter
            and self.still_meant()
        )

    def still_meant(self) -> bool:
        """Whether the account would open to the address that the invitation went to."""
        return self.entry.login and self.account.status is AccountStatus.ACTIVE and self.is_theirs


@public
async def look_at_activation(unit: Unit, *, token: str) -> Activation:
    """Whom a link is for; changes nothing, however often it is looked at."""
    joiner = await joining.read(unit, token)
    if joiner is not None:
        return await joining.look(unit, joiner)
    invited = await _read(unit, token)
    if invited is None:
        return Activation(status=ActivationStatus.INVALID)
    status = invited.status(unit.now)
    firm = await unit.firm()
    if status not in (ActivationStatus.VALID, ActivationStatus.EXPIRED):
        return Activation(status=status, replaced=invited.replaced(), firm=firm)
    return Activation(
        status=status,
        email=invited.invitation.email,
        first_name=invited.contact.first_name,
        firm=firm,
        account_name=invited.account.name,
        expires_at=invited.invitation.expires_at,
    )


@public
async def activate(
    unit: Unit, *, token: str, password: str, locale: Locale | None = None
) -> SignedIn:
    """Sets the password, uses the link up and signs in; of two at once, one succeeds.

    *locale* is the language that the person chose on the way, if any.
    """
    joiner = await joining.read(unit, token)
    if joiner is not None:
        return await joining.join(unit, joiner, password=password, locale=locale)
    invited = await _read(unit, token)
    if invited is None:
        raise refused_link(ActivationStatus.INVALID)
    status = invited.status(unit.now)
    if status is not ActivationStatus.VALID:
        raise refused_link(status)
    contact, invitation = invited.contact, invited.invitation
    firm = await unit.firm()
    check_password(
        password,
        place=("password",),
        personal=[contact.first_name, contact.last_name, invitation.email, firm.name, firm.slug],
    )
    await unit.release()
    hashed = await unit.deployment.passwords.hash(password)
    accepted = await _accept(unit, invited)
    user = await _portal_user(unit, invited, firm, hashed)
    if locale is not None:
        user.locale = locale
    token_, session = sessions.start(unit.session, user, visit=unit.visit, now=unit.now)
    session.current_account_id = invited.account.id
    await unit.session.flush()
    await notifications.tell_of_activation(unit, contact, await _accounts(unit, accepted))
    return SignedIn(token=token_, session=session, viewer=user)


@public
async def request_new_invitation(unit: Unit, *, token: str) -> None:
    """Sends a fresh link to the same address, for whoever holds an old one."""
    await throttle.count_try(
        unit.session, throttle.LETTER_NETWORK, unit.visit.ip_address, now=unit.now
    )
    joiner = await joining.read(unit, token)
    if joiner is not None:
        await joining.ask_again(unit, joiner)
        return
    invited = await _read(unit, token)
    if invited is None:
        raise refused_link(ActivationStatus.INVALID)
    if invited.invitation.state is InvitationStatus.ACCEPTED:
        raise refused_link(ActivationStatus.USED)
    if invited.invitation.state is InvitationStatus.REVOKED or not invited.still_meant():
        raise refused_link(ActivationStatus.REVOKED)
    await throttle.count_try(
        unit.session,
        throttle.LETTER_ADDRESS,
        unit.firm_id,
        invited.invitation.email_key,
        now=unit.now,
    )
    await inviting.invite(
        unit, invited.entry, invited.contact, invited.account, invited.invitation.message
    )


async def _read(unit: Unit, token: str) -> _Invited | None:
    """What the link points at; None for a link that is not ours, or whose row is gone."""
    try:
        link = unit.deployment.links.read(Purpose.INVITATION, token)
    except LinkInvalid:
        return None
    await unit.enter(link.firm_id)
    has_address = there_is(
        ContactAddress,
        where=(
            ContactAddress.contact_id == Contact.id,
            ContactAddress.email_key == Invitation.email_key,
        ),
    )
    found = await unit.session.execute(
        select(Invitation, AccountContact, Contact, Account, has_address)
        .join(AccountContact, AccountContact.id == Invitation.account_contact_id)
        .join(Contact, Contact.id == AccountContact.contact_id)
        .join(Account, Account.id == AccountContact.account_id)
        .where(Invitation.id == link.subject_id)
    )
    row = found.one_or_none()
    if row is None:
        return None
    invitation, entry, contact, account, is_theirs = row
    return _Invited(invitation, entry, contact, account, link.counter, is_theirs)


async def _accept(unit: Unit, invited: _Invited) -> Sequence[str]:
    """Uses the link up, and with it every other one that went to the same address.

    Returns the ids of the account contacts whose invitations were accepted.
    """
    pending = Invitation.state == InvitationStatus.PENDING
    accepted = {"state": InvitationStatus.ACCEPTED, "accepted_at": unit.now}
    used = await unit.session.scalar(
        update(Invitation)
        .where(
            Invitation.id == invited.invitation.id,
            pending,
            Invitation.counter == invited.counter,
            Invitation.expires_at > unit.now,
        )
        .values(accepted)
        .returning(Invitation.account_contact_id)
        .execution_options(**BY_HAND)
    )
    if used is None:
        again = await unit.session.scalar(
            select(Invitation)
            .where(Invitation.id == invited.invitation.id)
            .execution_options(populate_existing=True)
        )
        lost = again is None or again.state is not InvitationStatus.ACCEPTED
        raise refused_link(ActivationStatus.REVOKED if lost else ActivationStatus.USED)
    others = await unit.session.execute(
        update(Invitation)
        .where(Invitation.email_key == invited.invitation.email_key, pending)
        .values(accepted)
        .returning(Invitation.id, Invitation.account_contact_id)
        .execution_options(**BY_HAND)
    )
    told = {invited.invitation.id: used, **dict(others.all())}  # pyright: ignore[reportArgumentType, reportCallIssue]
    for id in told:
        unit.trail.wrote(
            Invitation,
            id,
            before={"state": InvitationStatus.PENDING},
            after={"state": InvitationStatus.ACCEPTED},
        )
    return list(told.values())


async def _portal_user(unit: Unit, invited: _Invited, firm: Firm, hashed: str) -> PortalUser:
    """The person behind the address, who has no password yet; a password is never replaced."""
    user = await unit.session.scalar(
        select(PortalUser)
        .where(PortalUser.email_key == invited.invitation.email_key)
        .with_for_update()
    )
    if user is not None and user.password_hash is not None:
        raise refused_link(ActivationStatus.USED)
    contact = invited.contact
    if user is None:
        user = unit.new(
            PortalUser,
            email=invited.invitation.email,
            email_key=invited.invitation.email_key,
            created_at=unit.now,
        )
    user.first_name = contact.first_name
    user.last_name = contact.last_name
    user.locale = contact.locale or firm.locale
    user.password_hash = hashed
    await unit.session.flush()
    return user


async def _accounts(unit: Unit, account_contact_ids: Sequence[str]) -> Sequence[Account]:
    found = await unit.session.scalars(
        select(Account)
        .join(AccountContact, AccountContact.account_id == Account.id)
        .where(AccountContact.id.in_(account_contact_ids))
        .order_by(Account.id)
    )
    return found.unique().all()
