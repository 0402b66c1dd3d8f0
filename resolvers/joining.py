"""Joining: the link that a member is invited with sets their first password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from auth import sessions, throttle
from auth.links import LinkInvalid, Purpose
from language import say
from mail.outbox import Template
from models import Member, MemberInvitation
from models.enums import Locale, MemberStatus, NotificationKind, Role
from resolvers.links import Activation, ActivationStatus, refused_link, send_fresh_link
from resolvers.notifying import News, tell_members
from resolvers.passwords import check_password
from resolvers.refusal import ErrorCode, Problems
from resolvers.sessions import SignedIn
from resolvers.unit import Unit

LIFETIME = timedelta(days=14)
FREE_SENDS, PAUSE_AFTER = 10, timedelta(hours=1)
"""A member may be invited so often without a pause; then once in an hour."""


@dataclass(frozen=True)
class Joiner:
    """What a member's link points at."""

    member: Member
    invitation: MemberInvitation
    counter: int

    def status(self, now: datetime) -> ActivationStatus:
        """What the link is good for at *now*."""
        if self.member.status is MemberStatus.ACTIVE:
            return ActivationStatus.USED
        if self.member.status is MemberStatus.DEACTIVATED:
            return ActivationStatus.REVOKED
        if self.invitation.counter != self.counter:
            return ActivationStatus.REVOKED
        valid = self.invitation.expires_at > now
        return ActivationStatus.VALID if valid else ActivationStatus.EXPIRED


async def invitation_of(unit: Unit, member: Member) -> MemberInvitation | None:
    """What was sent to *member*, who is locked or new."""
    return await unit.session.scalar(
        select(MemberInvitation).where(MemberInvitation.member_id == member.id)
    )


def check_pause(unit: Unit, problems: Problems, invitation: MemberInvitation | None) -> None:
    """Refuses to write to somebody once more who was written to very often."""
    if (
        invitation is not None
        and invitation.counter >= FREE_SENDS
        and invitation.sent_at > unit.now - PAUSE_AFTER
    ):
        problems.add(
            ("email",),
            ErrorCode.LIMIT_REACHED,
            "This invitation was sent very often. Wait an hour before the next time.",
        )


async def send_link(
    unit: Unit, member: Member, invitation: MemberInvitation | None, *, inviter: Member
) -> None:
    """Writes the mail with a fresh link to *member*; every older link of theirs dies."""
    row = invitation or unit.new(MemberInvitation, member_id=member.id, counter=0)
    row.invited_by_id = inviter.id
    row.sent_at = unit.now
    until = unit.now + LIFETIME
    await send_fresh_link(
        unit,
        row,
        until=until,
        purpose=Purpose.MEMBER,
        template=Template.MEMBER_INVITATION,
        recipient=member.email,
        locale=member.locale,
        content={
            "first_name": member.first_name,
            "inviter": f"{inviter.first_name} {inviter.last_name}",
            "again": invitation is not None,
            "valid_until": until.isoformat(),
        },
    )


async def read(unit: Unit, token: str) -> Joiner | None:
    """What a member's link points at; None for any other token."""
    try:
        link = unit.deployment.links.read(Purpose.MEMBER, token)
    except LinkInvalid:
        return None
    await unit.enter(link.firm_id)
    found = await unit.session.execute(
        select(Member, MemberInvitation)
        .join(MemberInvitation, MemberInvitation.member_id == Member.id)
        .where(MemberInvitation.id == link.subject_id)
    )
    row = found.one_or_none()
    if row is None:
        return None
    member, invitation = row
    return Joiner(member, invitation, link.counter)


async def look(unit: Unit, joiner: Joiner) -> Activation:
    """Whom the link is for, as far as it is not dead."""
    status, member = joiner.status(unit.now), joiner.member
    firm = await unit.firm()
    if status not in (ActivationStatus.VALID, ActivationStatus.EXPIRED):
        replaced = member.status is MemberStatus.INVITED
        return Activation(status=status, replaced=replaced, firm=firm)
    return Activation(
        status=status,
        email=member.email,
        first_name=member.first_name,
        firm=firm,
        expires_at=joiner.invitation.expires_at,
    )


async def join(unit: Unit, joiner: Joiner, *, password: str, locale: Locale | None) -> SignedIn:
    """Sets the password, makes the member ACTIVE and signs in; of two at once, one succeeds."""
    _refuse_dead(unit, joiner)
    member, firm = joiner.member, await unit.firm()
    check_password(
        password,
        place=("password",),
        personal=[member.first_name, member.last_name, member.email, firm.name, firm.slug],
    )
    await unit.release()
    hashed = await unit.deployment.passwords.hash(password)
    await _lock(unit, joiner)
    _refuse_dead(unit, joiner)
    member.status = MemberStatus.ACTIVE
    member.password_hash = hashed
    if locale is not None:
        member.locale = locale
    token, session = sessions.start(unit.session, member, visit=unit.visit, now=unit.now)
    await unit.session.flush()
    await _tell(unit, joiner)
    return SignedIn(token=token, session=session, viewer=member)


async def ask_again(unit: Unit, joiner: Joiner) -> None:
    """Sends a fresh link to the same address, for whoever holds an old one."""
    await _lock(unit, joiner)
    member = joiner.member
    if member.status is not MemberStatus.INVITED:
        raise refused_link(joiner.status(unit.now))
    await throttle.count_try(
        unit.session, throttle.LETTER_ADDRESS, unit.firm_id, member.email_key, now=unit.now
    )
    inviter = await unit.session.get_one(Member, (unit.firm_id, joiner.invitation.invited_by_id))
    await send_link(unit, member, joiner.invitation, inviter=inviter)


def _refuse_dead(unit: Unit, joiner: Joiner) -> None:
    status = joiner.status(unit.now)
    if status is not ActivationStatus.VALID:
        raise refused_link(status)


async def _lock(unit: Unit, joiner: Joiner) -> None:
    """Both rows as they are now, and nobody else changes them: whoever does holds the member."""
    await unit.session.refresh(joiner.member, with_for_update={"key_share": True})
    await unit.session.refresh(joiner.invitation)


async def _tell(unit: Unit, joiner: Joiner) -> None:
    """Tells the owners, and whoever sent the invitation."""
    member = joiner.member
    found = await unit.session.scalars(
        select(Member).where(
            Member.status == MemberStatus.ACTIVE,
            Member.id != member.id,
            (Member.role == Role.OWNER) | (Member.id == joiner.invitation.invited_by_id),
        )
    )
    name = f"{member.first_name} {member.last_name}"
    news = News(
        kind=NotificationKind.MEMBER_JOINED,
        title=lambda locale: say(locale, "{name} has joined", name=name),
        body=lambda locale: say(
            locale,
            "{name} ({address}) has chosen a password and can sign in.",
            name=name,
            address=member.email,
        ),
    )
    await tell_members(unit.session, unit.firm_id, news, found.all(), now=unit.now)
