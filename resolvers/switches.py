"""The three switches of many account contacts at once, by ids or in the accounts of a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from auth.permissions import allow
from models import Account, AccountContact
from models.enums import AccountStatus, Permission
from resolvers import bulk, inviting
from resolvers.account_contacts import InviteDraft
from resolvers.bulk import check_choice, conditions_matching, is_one_of, too_many
from resolvers.idempotency import answered_before, remember
from resolvers.refusal import ErrorCode, Place, Problems
from resolvers.searching import accounts_matching
from resolvers.targets import Target, ids_of, targets_of, with_ids
from resolvers.unit import Unit
from tenancy.recording import change

MOST_SHOWN = 200
_NAMES: Place = ("account_contact_ids",)


@dataclass(frozen=True)
class Switched:
    """What a write was over and how much it changed; the first who are written to, and how many."""

    account_contacts: Sequence[AccountContact]
    count: int
    recipients: Sequence[AccountContact]
    recipient_count: int


@dataclass(frozen=True)
class _Turn:
    """What is asked for: a switch that is None stays as it is."""

    login: bool | None
    notify: bool | None
    sync: bool | None

    def of(self, row: AccountContact, *, login: bool = True) -> dict[str, bool]:
        """The switches of *row* that have to be turned; *login* says whether that one may be."""
        asked = {"login": self.login if login else None, "notify": self.notify, "sync": self.sync}
        return {
            name: wanted
            for name, wanted in asked.items()
            if wanted is not None and wanted is not getattr(row, name)
        }


@allow(Permission.MANAGE_PORTAL_ACCESS)
async def update_account_contacts(
    unit: Unit,
    *,
    account_contact_ids: Sequence[str] | None = None,
    filter: Mapping[str, Any] | None = None,
    login: bool | None = None,
    notify: bool | None = None,
    sync: bool | None = None,
    invite: InviteDraft | None = None,
    dry_run: bool = False,
    idempotency_key: str | None = None,
) -> Switched:
    """Turns the switches, under every rule of `update_account_contact`.

    What a named one cannot have is refused. Of those that a filter finds, LOGIN is turned on for
    who has an address, and who gets it by this is invited.
    """
    turn = _Turn(login, notify, sync)
    asked = {"ids": account_contact_ids, "filter": filter, "turn": vars(turn), "invite": invite}
    before = await answered_before(
        unit, "updateAccountContacts", idempotency_key, asked | {"dry": dry_run}
    )
    if before is not None:
        return await _done_before(unit, before)
    problems = Problems()
    check_choice(problems, _NAMES, account_contact_ids, filter)
    if invite is not None:
        inviting.check_message(problems, ("invite", "message"), invite.get("message"))
        if login is False or (filter is not None and not login):
            problems.add(
                ("invite",), ErrorCode.LOGIN_OFF, "Turn LOGIN on in the same step to invite."
            )
    problems.settle()
    targets = await _targets(unit, problems, account_contact_ids, filter, dry_run=dry_run)
    invited = await _fit(
        unit, problems, targets, account_contact_ids, turn, invited=invite is not None
    )
    problems.settle()
    turned = [
        (row.id, turn.of(row, login=contact.email is not None or not login))
        for row, contact, _ in targets
    ]
    rows = [row for row, _, _ in targets]
    recipients = [row for row, _, _ in invited]
    done = Switched(
        rows, sum(bool(turns) for _, turns in turned), recipients[:MOST_SHOWN], len(recipients)
    )
    if dry_run:
        return done
    for name in ("login", "notify", "sync"):
        ids = [id for id, turns in turned if name in turns]
        if ids:
            wanted = getattr(turn, name)
            await change(
                unit.session,
                AccountContact,
                is_one_of(unit, AccountContact.id, ids),
                before={name: not wanted},
                after={name: wanted},
            )
    if login is False:
        await inviting.revoke_of(unit, [row.id for row in rows])
    if invite is not None and invited:
        await inviting.invite_all(unit, invited, invite.get("message"))
    await remember(
        unit,
        "updateAccountContacts",
        idempotency_key,
        asked | {"dry": dry_run},
        {
            "rows": [row.id for row in rows],
            "count": done.count,
            "recipients": [row.id for row in done.recipients],
            "recipient_count": done.recipient_count,
        },
    )
    return done


async def _targets(
    unit: Unit,
    problems: Problems,
    ids: Sequence[str] | None,
    filter: Mapping[str, Any] | None,
    *,
    dry_run: bool,
) -> list[Target]:
    """The account contacts, locked but in a dry run, with their contacts and accounts."""
    await bulk.expect(unit, ids)
    if ids is not None:
        chosen = await ids_of(unit, with_ids(unit, ids), locked=not dry_run)
    else:
        matching, values = conditions_matching(unit, Account, accounts_matching, filter)
        found = (
            select(AccountContact.id)
            .join(Account, Account.id == AccountContact.account_id)
            .where(*matching)
        )
        limited = found.limit(bulk.MOST_AT_ONCE + 1)
        chosen = await ids_of(unit, limited, values, locked=not dry_run)
        if len(chosen) > bulk.MOST_AT_ONCE:
            count = select(func.count()).select_from(found.subquery())
            too_many(problems, ("filter",), await unit.session.scalar(count, values) or 0)
            return []
    by_id = await targets_of(unit, chosen)
    for position, id in enumerate(ids or ()):
        if id not in by_id:
            problems.add(
                (*_NAMES, position), ErrorCode.NOT_FOUND, "There is no such contact in an account."
            )
    return [by_id[id] for id in dict.fromkeys(ids or chosen) if id in by_id]


async def _fit(
    unit: Unit,
    problems: Problems,
    targets: Sequence[Target],
    ids: Sequence[str] | None,
    turn: _Turn,
    *,
    invited: bool,
) -> list[Target]:
    """Who is to be invited. What is in the way of those that are named goes to *problems*."""
    if not invited and not turn.login:
        return []
    places: dict[str, Place] = {}
    for position, id in enumerate(ids or ()):
        places.setdefault(id, (*_NAMES, position))
    histories: Mapping[str, inviting.History] = {}
    archived: set[str] = set()
    if invited:
        histories = await inviting.histories_of(unit, [row.id for row, _, _ in targets])
        archived = await _archived(unit, [account.id for _, _, account in targets])
    fit: list[Target] = []
    for row, contact, account in targets:
        place = places.get(row.id, ("filter",))
        # What is in the way of somebody whom a filter found is nobody's to mend.
        found = problems if ids is not None else Problems()
        before, opened = len(found), "login" in turn.of(row)
        if invited:
            login = row.login if turn.login is None else turn.login
            inviting.check_ready(
                found, place, contact, login=login, archived=account.id in archived
            )
            inviting.check_history(
                unit, found, place, contact, histories.get(row.id), reopened=opened
            )
        elif turn.login:
            inviting.check_address(found, place, contact)
        if invited and len(found) == before and (opened or ids is not None):
            fit.append((row, contact, account))
    return fit


async def _archived(unit: Unit, account_ids: Sequence[str]) -> set[str]:
    """Those of the accounts that are archived; none becomes so until the end."""
    found = await unit.session.execute(
        select(Account.id, Account.status)
        .where(is_one_of(unit, Account.id, account_ids))
        .order_by(Account.id)
        .with_for_update(read=True)
    )
    return {id for id, status in found if status is AccountStatus.ARCHIVED}


async def _done_before(unit: Unit, answer: Mapping[str, Any]) -> Switched:
    found = await unit.session.scalars(
        select(AccountContact)
        .where(is_one_of(unit, AccountContact.id, answer["rows"]))
        .order_by(AccountContact.id)
    )
    rows = {row.id: row for row in found}
    return Switched(
        [rows[id] for id in answer["rows"] if id in rows],
        answer["count"],
        [rows[id] for id in answer["recipients"] if id in rows],
        answer["recipient_count"],
    )
