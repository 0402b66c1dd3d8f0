"""Contacts that are one person: several become one, and nothing of them is lost."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from auth.permissions import allow
from models import AccountContact, Contact, ContactAddress
from models.enums import Permission
from resolvers import merge_choices
from resolvers.contacts import complete
from resolvers.merge_choices import Choices, Chosen
from resolvers.merge_moves import move_all
from resolvers.reach import check_reach
from resolvers.refusal import ErrorCode, Problems, refuse
from resolvers.unit import Unit

MOST_AT_ONCE = 20


@allow(Permission.MANAGE_CONTACTS)
async def merge_contacts(
    unit: Unit,
    *,
    keep_id: str,
    merge_ids: Sequence[str],
    choices: Choices | None = None,
    dry_run: bool = False,
) -> Contact:
    """Merges contacts into the one that is kept, and deletes them.

    It gets their accounts (each switch is on that was on for any of them), tags, telephone
    numbers and addresses, and what it lacks of the rest. Where they differ, *choices* names for
    the field, one of the firm's own too, the contact whose value stays. With *dry_run* nothing
    stays written.
    """
    kept, others = await _all(unit, keep_id, merge_ids)
    problems = Problems()
    chosen = await merge_choices.choose(unit, problems, [kept, *others], choices or {})
    problems.settle()
    await check_reach(unit, ("merge_ids",), [kept, *others])
    if dry_run:
        unit.only_try()
    await _check_access(unit, [kept, *others])
    with unit.whole_firm():
        # On the way the ones who go are in no account any more.
        await _merge(unit, kept, others, chosen)
    return kept


async def _merge(unit: Unit, kept: Contact, others: Sequence[Contact], chosen: Chosen) -> None:
    """Moves everything to *kept*, with the *chosen* values, and deletes the others."""
    addresses = await _addresses(unit, [kept, *others])
    for other in others:
        # It is unique, and the one who is kept may get it.
        other.external_reference = None
    await unit.session.flush()
    for name, value in chosen.columns.items():
        setattr(kept, name, value)
    kept.updated_at = unit.now
    await unit.session.flush()
    await move_all(unit, kept, [other.id for other in others], fields=chosen.fields)
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
