"""What contacts that become one have many of: each of it goes to the contact that is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select, update

from models import AccountContact, Contact, ContactFieldValue, ContactTag, Invitation, Phone
from models.enums import InvitationStatus
from resolvers import inviting
from resolvers.unit import Unit
from tenancy.recording import BY_HAND, change, remove


async def move_all(
    unit: Unit, kept: Contact, ids: Sequence[str], *, fields: Mapping[str, str]
) -> None:
    """Moves what the contacts *ids* have many of to *kept*.

    *fields* has for each custom field that is filled in the contact whose value stays.
    """
    for move in (_move_accounts, _move_tags, _move_phones):
        await move(unit, kept, ids)
    for id in ids:
        theirs = [field for field, contact in fields.items() if contact == id]
        if theirs:
            await _move_values(unit, kept, id, theirs)


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


async def _move_values(unit: Unit, kept: Contact, id: str, fields: Sequence[str]) -> None:
    """The values that the contact *id* has in these custom fields take the place of *kept*'s."""
    await remove(
        unit.session,
        ContactFieldValue,
        ContactFieldValue.contact_id == kept.id,
        ContactFieldValue.field_id.in_(fields),
    )
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
