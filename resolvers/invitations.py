"""Invitations to the portal: sent to some account contacts or to all who wait, and revoked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from auth.permissions import allow
from models import Account, AccountContact, Invitation
from models.account_contacts import portal_rank
from models.enums import AccountStatus, InvitationStatus, Permission
from resolvers.bulk import conditions_matching, expect
from resolvers.idempotency import answered_before, remember
from resolvers.inviting import (
    check_history,
    check_message,
    check_ready,
    histories_of,
    invite_all,
    revoke,
)
from resolvers.refusal import ErrorCode, Place, Problems, refuse
from resolvers.searching import accounts_matching
from resolvers.targets import Target, ids_of, targets_of, with_ids
from resolvers.unit import Unit

MOST_AT_ONCE = 1000


@dataclass(frozen=True)
class Sent:
    """The invitations, and the account contacts that are written to (or would be)."""

    invitations: Sequence[Invitation]
    recipients: Sequence[AccountContact]
    count: int


@allow(Permission.MANAGE_PORTAL_ACCESS)
async def send_invitations(
    unit: Unit,
    *,
    dry_run: bool = False,
    account_contact_ids: Sequence[str] | None = None,
    filter: Mapping[str, Any] | None = None,
    message: str | None = None,
    idempotency_key: str | None = None,
) -> Sent:
    """Invites account contacts by their ids, or all who have not activated in some accounts."""
    asked = {"ids": account_contact_ids, "filter": filter, "message": message, "dry": dry_run}
    before = await answered_before(unit, "sendInvitations", idempotency_key, asked)
    if before is not None:
        return await _sent_before(unit, before)
    problems = Problems()
    check_message(problems, ("message",), message)
    if (account_contact_ids is None) == (filter is None):
        problems.add(
            ("account_contact_ids",),
            ErrorCode.REQUIRED if filter is None else ErrorCode.CONFLICT,
            "Name the account contacts, or give a filter: exactly one of them.",
        )
    problems.settle()
    if account_contact_ids is not None:
        targets = await _named(unit, account_contact_ids)
    else:
        targets = await _waiting(unit, filter or {})
    recipients = [row for row, _, _ in targets]
    if dry_run:
        return Sent([], recipients, len(recipients))
    sent = await invite_all(unit, targets, message)
    await remember(
        unit,
        "sendInvitations",
        idempotency_key,
        asked,
        {"invitations": [row.id for row in sent], "recipients": [row.id for row in recipients]},
    )
    return Sent(sent, recipients, len(recipients))


@allow(Permission.MANAGE_PORTAL_ACCESS)
async def revoke_invitations(unit: Unit, *, ids: Sequence[str]) -> list[Invitation]:
    """Kills the links of pending invitations. LOGIN stays; revoking twice changes nothing."""
    if len(ids) > MOST_AT_ONCE:
        raise refuse(
            ("ids",), ErrorCode.LIMIT_REACHED, "At most {most} at once.", most=MOST_AT_ONCE
        )
    found = await unit.session.scalars(
        select(Invitation).where(Invitation.id.in_(ids)).with_for_update()
    )
    by_id = {invitation.id: invitation for invitation in found}
    problems = Problems()
    for position, id in enumerate(ids):
        invitation = by_id.get(id)
        if invitation is None:
            problems.add(("ids", position), ErrorCode.NOT_FOUND, "There is no such invitation.")
        elif invitation.state is InvitationStatus.ACCEPTED:
            problems.add(
                ("ids", position),
                ErrorCode.ALREADY_ACTIVE,
                "This invitation was accepted. Turn LOGIN off to take the access away.",
            )
    problems.settle()
    await revoke(unit, select(Invitation.id).where(Invitation.id.in_(ids)))
    for invitation in by_id.values():
        await unit.session.refresh(invitation)
    return [by_id[id] for id in dict.fromkeys(ids)]


async def _named(unit: Unit, ids: Sequence[str]) -> list[Target]:
    """The account contacts *ids*, all ready to be invited; refuses otherwise."""
    place = ("account_contact_ids",)
    if len(ids) > MOST_AT_ONCE:
        raise refuse(place, ErrorCode.LIMIT_REACHED, "At most {most} at once.", most=MOST_AT_ONCE)
    await expect(unit, ids)
    by_id = await targets_of(unit, await ids_of(unit, with_ids(unit, ids), locked=True))
    histories = await histories_of(unit, ids)
    problems = Problems()
    for position, id in enumerate(ids):
        here: Place = (*place, position)
        if id not in by_id:
            problems.add(here, ErrorCode.NOT_FOUND, "There is no such contact in an account.")
            continue
        row, contact, account = by_id[id]
        archived = account.status is AccountStatus.ARCHIVED
        check_ready(problems, here, contact, login=row.login, archived=archived)
        check_history(unit, problems, here, contact, histories.get(id))
    problems.settle()
    return [by_id[id] for id in dict.fromkeys(ids)]


async def _waiting(unit: Unit, filter: Mapping[str, Any]) -> list[Target]:
    """Every contact with LOGIN who has not activated, in the accounts that *filter* finds."""
    await expect(unit, None)
    matching, values = conditions_matching(unit, Account, accounts_matching, filter)
    found = (
        select(AccountContact.id)
        .join(Account, Account.id == AccountContact.account_id)
        .where(
            AccountContact.login.is_(True),
            Account.status == AccountStatus.ACTIVE,
            portal_rank(AccountContact).in_([1, 2]),
            *matching,
        )
        .limit(MOST_AT_ONCE + 1)
    )
    ids = await ids_of(unit, found, values, locked=True)
    if len(ids) > MOST_AT_ONCE:
        raise refuse(
            ("filter",),
            ErrorCode.LIMIT_REACHED,
            "The filter finds more than {most} contacts. Narrow it down.",
            most=MOST_AT_ONCE,
        )
    histories = await histories_of(unit, ids)
    return [
        target
        for id, target in (await targets_of(unit, ids)).items()
        if (history := histories.get(id)) is None or not history.too_often(unit.now)
    ]


async def _sent_before(unit: Unit, answer: Mapping[str, Any]) -> Sent:
    sent = await unit.session.scalars(
        select(Invitation).where(Invitation.id.in_(answer["invitations"]))
    )
    rows = await unit.session.scalars(
        select(AccountContact).where(AccountContact.id.in_(answer["recipients"]))
    )
    invitations = {row.id: row for row in sent}
    recipients = {row.id: row for row in rows}
    return Sent(
        [invitations[id] for id in answer["invitations"] if id in invitations],
        [recipients[id] for id in answer["recipients"] if id in recipients],
        len(answer["recipients"]),
    )
