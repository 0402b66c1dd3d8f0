"""Contacts that are one person: several become one, and nothing of them is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from auth.permissions import allow
from models import (
    AccountContact,
    Contact,
    ContactAddress,
    ContactFieldValue,
    ContactTag,
    CustomField,
    Invitation,
    Phone,
)
from models.enums import InvitationStatus, Permission
from models.folding import fold
from resolvers import inviting
from resolvers.contacts import complete
from resolvers.reach import check_reach
from resolvers.refusal import ErrorCode, Problems, refuse
from resolvers.unit import Unit
from tenancy.recording import BY_HAND, change, remove

MOST_AT_ONCE = 20
_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "external_reference": str,
    "first_name": fold,
    "middle_name": fold,
    "last_name": fold,
    "company_name": fold,
    "email": str,
    "address": lambda lines: sorted((name, fold(line)) for name, line in lines.items() if line),
    "locale": str,
}
"""What a contact has one of, each with what two are compared by."""


@allow(Permission.MANAGE_CONTACTS)
async def merge_contacts(
    unit: Unit,
    *,
    keep_id: str,
    merge_ids: Sequence[str],
    choices: Mapping[str, str | None] | None = None,
    dry_run: bool = False,
) -> Contact:
    """Merges contacts into the one that is kept, and deletes them.

    It gets their accounts (each switch is on that was on for any of them), tags, telephone
    numbers and addresses, and what it lacks of the rest. Where they differ, *choices* names for
    the field the contact whose value stays. With *dry_run* nothing stays written.
    """
    kept, others = await _all(unit, keep_id, merge_ids)
    problems = Problems()
    chosen = _chosen(problems, [kept, *others], choices or {})
    await _check_values(unit, problems, [kept, *others])
    problems.settle()
    await check_reach(unit, ("merge_ids",), [kept, *others])
    if dry_run:
        unit.only_try()
    await _check_access(unit, [kept, *others])
    with unit.whole_firm():
        # On the way the ones who go are in no account any more.
        await _merge(unit, kept, others, chosen)
    return kept


async def _merge(
    unit: Unit, kept: Contact, others: Sequence[Contact], chosen: Mapping[str, Mapping[str, Any]]
) -> None:
    """Moves everything to *kept*, with the *chosen* values, and deletes the others."""
    addresses = await _addresses(unit, [kept, *others])
    for other in others:
        # It is unique, and the one who is kept may get it.
        other.external_reference = None
    await unit.session.flush()
    for name, contact in chosen.items():
        setattr(kept, name, contact[name])
    kept.email_key = chosen["email"]["email_key"] if "email" in chosen else kept.email_key
    kept.updated_at = unit.now
    await unit.session.flush()
    for move in _MOVES:
        await move(unit, kept, [other.id for other in others])
    for email_key, email in addresses.items():
        if email_key != kept.email_key and email_key not in await _keys(unit, kept):
            unit.new(ContactAddress, contact_id=kept.id, email=email, email_key=email_key)
    await unit.session.flush()
    for other in others:
        await unit.session.delete(other)
    await unit.session.flush()
    await complete(unit, kept)
    unit.trail.record(
        "contact.merged",
        subject_id=kept.id,
        changes={"ids": ([kept.id, *(other.id for other in others)], [kept.id])},
    )


async def _all(
    unit: Unit, keep_id: str, merge_ids: Sequence[str]
) -> tuple[Contact, Sequence[Contact]]:
    """The contact to keep and the others, locked; refuses where one is missing or named twice."""
    if not merge_ids:
        raise refuse(("merge_ids",), ErrorCode.REQUIRED, "Name the contacts to merge.")
    if len(merge_ids) > MOST_AT_ONCE:
        raise refuse(
            ("merge_ids",), ErrorCode.LIMIT_REACHED, "At most {most} at once.", most=MOST_AT_ONCE
        )
    found = await unit.session.scalars(
        select(Contact)
        .where(Contact.id.in_([keep_id, *merge_ids]))
        .order_by(Contact.id)
        .with_for_update()
    )
    by_id = {contact.id: contact for contact in found}
    problems = Problems()
    if keep_id not in by_id:
        problems.add(("keep_id",), ErrorCode.NOT_FOUND, "There is no such contact.")
    seen = {keep_id}
    for position, id in enumerate(merge_ids):
        if id not in by_id:
            problems.add(("merge_ids", position), ErrorCode.NOT_FOUND, "There is no such contact.")
        elif id in seen:
            problems.add(
                ("merge_ids", position), ErrorCode.CONFLICT, "This contact is given twice."
            )
        seen.add(id)
    problems.settle()
    return by_id[keep_id], [by_id[id] for id in merge_ids]


def _chosen(
    problems: Problems, contacts: Sequence[Contact], choices: Mapping[str, str | None]
) -> dict[str, dict[str, Any]]:
    """For each field that any of *contacts* has, the contact whose value stays."""
    chosen: dict[str, dict[str, Any]] = {}
    ids = [contact.id for contact in contacts]
    for name, comparable in _FIELDS.items():
        having = {contact.id: contact for contact in contacts if getattr(contact, name)}
        choice = choices.get(name)
        if choice is not None and choice not in (having or ids):
            problems.add(
                ("choices", name),
                ErrorCode.NOT_FOUND,
                "None of these contacts has this id and a value here.",
            )
            continue
        if not having:
            continue
        kinds = {
            repr(comparable(contact.email_key if name == "email" else getattr(contact, name)))
            for contact in having.values()
        }
        if len(kinds) > 1 and choice is None:
            problems.add(
                ("choices", name),
                ErrorCode.CONFLICT,
                "The contacts differ here: {values}. Name the contact whose value stays.",
                values="; ".join(
                    dict.fromkeys(_shown(getattr(each, name)) for each in having.values())
                ),
            )
            continue
        winner = having[choice] if choice is not None else next(iter(having.values()))
        chosen[name] = {name: getattr(winner, name), "email_key": winner.email_key}
    return chosen


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(line) for line in value.values() if line)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return f"“{value}”"


async def _check_access(unit: Unit, contacts: Sequence[Contact]) -> None:
    """Who enters an account by another's address needs to be let in by whoever may do that."""
    ids = [contact.id for contact in contacts]
    login = await unit.session.scalar(
        select(AccountContact.id)
        .where(AccountContact.contact_id.in_(ids), AccountContact.login.is_(True))
        .limit(1)
    )
    if login is not None and len(await _addresses(unit, contacts)) > 1:
        unit.require(Permission.MANAGE_PORTAL_ACCESS)


async def _addresses(unit: Unit, contacts: Sequence[Contact]) -> dict[str, str]:
    """Every address of *contacts*, by its key."""
    found = await unit.session.scalars(
        select(ContactAddress)
        .where(ContactAddress.contact_id.in_([contact.id for contact in contacts]))
        .order_by(ContactAddress.id)
    )
    return {row.email_key: row.email for row in found}


async def _keys(unit: Unit, contact: Contact) -> set[str]:
    found = await unit.session.scalars(
        select(ContactAddress.email_key).where(ContactAddress.contact_id == contact.id)
    )
    return set(found)


async def _move_accounts(unit: Unit, kept: Contact, ids: Sequence[str]) -> None:
    """Each account once, with every switch that was on; no live invitation is lost or doubled."""
    rows = await unit.session.scalars(
        select(AccountContact)
        .where(AccountContact.contact_id.in_([kept.id, *ids]))
        .order_by(AccountContact.id)
        .with_for_update()
    )
    by_account: dict[str, list[AccountContact]] = {}
    for row in rows:
        by_account.setdefault(row.account_id, []).append(row)
    for entries in by_account.values():
        first = next((row for row in entries if row.contact_id == kept.id), entries[0])
        for row in entries:
            if row is not first:
                await _join(unit, first, row)
        first.contact_id = kept.id
    await unit.session.flush()


async def _join(unit: Unit, first: AccountContact, other: AccountContact) -> None:
    first.login = first.login or other.login
    first.notify = first.notify or other.notify
    first.sync = first.sync or other.sync
    live = await unit.session.scalar(
        select(Invitation.id).where(
            Invitation.account_contact_id == first.id, Invitation.state == InvitationStatus.PENDING
        )
    )
    if live is not None:
        await inviting.revoke_of(unit, [other.id])
    await change(
        unit.session,
        Invitation,
        Invitation.account_contact_id == other.id,
        before={"account_contact_id": other.id},
        after={"account_contact_id": first.id},
    )
    await unit.session.delete(other)
    await unit.session.flush()


async def _move_tags(unit: Unit, kept: Contact, ids: Sequence[str]) -> None:
    carried = select(ContactTag.tag_id).where(ContactTag.contact_id == kept.id)
    mine = set(await unit.session.scalars(carried))
    theirs = await unit.session.scalars(
        select(ContactTag.tag_id).where(ContactTag.contact_id.in_(ids)).order_by(ContactTag.id)
    )
    for tag_id in dict.fromkeys(theirs):
        if tag_id not in mine:
            unit.new(ContactTag, contact_id=kept.id, tag_id=tag_id)


async def _move_phones(unit: Unit, kept: Contact, ids: Sequence[str]) -> None:
    mine = set(await unit.session.scalars(select(Phone.number).where(Phone.contact_id == kept.id)))
    last = await unit.session.scalar(
        select(func.max(Phone.position)).where(Phone.contact_id == kept.id)
    )
    place = -1 if last is None else last
    theirs = await unit.session.scalars(
        select(Phone).where(Phone.contact_id.in_(ids)).order_by(Phone.contact_id, Phone.position)
    )
    for phone in theirs.all():
        if phone.number not in mine:
            mine.add(phone.number)
            place += 1
            unit.new(
                Phone, contact_id=kept.id, position=place, number=phone.number, type=phone.type
            )
    await remove(unit.session, Phone, Phone.contact_id.in_(ids))


async def _values(unit: Unit, contacts: Sequence[Contact]) -> dict[str, dict[str, list[str]]]:
    """What the custom fields of *contacts* hold: by field, by contact."""
    found = await unit.session.scalars(
        select(ContactFieldValue)
        .where(ContactFieldValue.contact_id.in_([contact.id for contact in contacts]))
        .order_by(ContactFieldValue.field_id, ContactFieldValue.slot)
    )
    values: dict[str, dict[str, list[str]]] = {}
    for row in found:
        values.setdefault(row.field_id, {}).setdefault(row.contact_id, []).append(row.search_text)
    return values


async def _check_values(unit: Unit, problems: Problems, contacts: Sequence[Contact]) -> None:
    values = await _values(unit, contacts)
    differ = [id for id, texts in values.items() if len({*map(tuple, texts.values())}) > 1]
    names = await unit.session.scalars(
        select(CustomField.name).where(CustomField.id.in_(differ)).order_by(CustomField.name)
    )
    if differ:
        problems.add(
            ("merge_ids",),
            ErrorCode.CONFLICT,
            "The contacts differ in fields of the firm's own: {names}. Make them alike first.",
            names=", ".join(names),
        )


async def _move_values(unit: Unit, kept: Contact, ids: Sequence[str]) -> None:
    """Each custom field is filled once; where several were, they are alike."""
    filled = set(
        await unit.session.scalars(
            select(ContactFieldValue.field_id).where(ContactFieldValue.contact_id == kept.id)
        )
    )
    for id in ids:
        theirs = select(ContactFieldValue.field_id).where(
            ContactFieldValue.contact_id == id, ContactFieldValue.field_id.not_in(filled)
        )
        fields = set(await unit.session.scalars(theirs))
        filled |= fields
        moved = await unit.session.execute(
            update(ContactFieldValue)
            .where(ContactFieldValue.contact_id == id, ContactFieldValue.field_id.in_(fields))
            .values(contact_id=kept.id)
            .returning(ContactFieldValue.id, ContactFieldValue.field_id, ContactFieldValue.value)
            .execution_options(**BY_HAND)
        )
        for value_id, field_id, value in moved:
            told = {"field_id": field_id, "value": value}
            unit.trail.wrote(
                ContactFieldValue,
                value_id,
                before={**told, "contact_id": id},
                after={**told, "contact_id": kept.id},
            )


_MOVES = (_move_accounts, _move_tags, _move_phones, _move_values)
"""What a contact has many of; each is moved to the contact that is kept."""
