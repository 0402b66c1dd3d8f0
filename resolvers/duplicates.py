"""Contacts that may be one person twice: found when one is made, and never in its way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, select

from models import Contact, ContactAddress, Phone
from models.folding import fold
from resolvers.circumstances import circumstances
from resolvers.unit import Unit

MOST = 10
"""Shown of one contact."""
_LOOKED_AT = 200
"""As many with the same address, or of the same name, are compared at most."""
_FIELDS = ("first_name", "middle_name", "last_name", "company_name", "external_reference")


async def possible_duplicates(unit: Unit, contacts: Iterable[Contact]) -> list[Contact]:
    """The firm's contacts that one of these new ones may be again, the oldest first.

    They have the same address, or the same name and a telephone number in common, and differ
    in nothing: what one of the two lacks is no difference.
    """
    news = list(contacts)
    found: dict[str, Contact] = {}
    for new in news:
        for other in await _alike(unit, new):
            found[other.id] = other
    ours = {new.id for new in news}
    return [found[id] for id in sorted(found) if id not in ours]


async def _alike(unit: Unit, new: Contact) -> Sequence[Contact]:
    alike: dict[str, Contact] = {}
    if new.email_key is not None and (await circumstances(unit, new.email_key)).is_known:
        having = select(ContactAddress.contact_id).where(ContactAddress.email_key == new.email_key)
        for other in await unit.session.scalars(_oldest(new, Contact.id.in_(having))):
            alike[other.id] = other
    numbers = {
        row.number
        for row in unit.session.new
        if isinstance(row, Phone) and row.contact_id == new.id
    }
    if numbers:
        same_number = select(Phone.contact_id).where(Phone.number.in_(numbers))
        namesakes = await unit.session.scalars(
            _oldest(
                new,
                Contact.last_name_key == new.last_name_key,
                Contact.first_name_key == new.first_name_key,
                Contact.id.in_(same_number),
            )
        )
        alike |= {other.id: other for other in namesakes}
    return [other for other in alike.values() if not _differ(new, other)][:MOST]


def _oldest(new: Contact, *where: ColumnElement[bool]) -> Select[Contact]:
    others = select(Contact).where(Contact.id != new.id, *where)
    return others.order_by(Contact.id).limit(_LOOKED_AT)


def _differ(one: Contact, other: Contact) -> bool:
    pairs = [(getattr(one, name), getattr(other, name)) for name in _FIELDS]
    lines = {*(one.address or {}), *(other.address or {})}
    pairs += [((one.address or {}).get(line), (other.address or {}).get(line)) for line in lines]
    if one.email_key and other.email_key and one.email_key != other.email_key:
        return True
    return any(mine and theirs and fold(mine) != fold(theirs) for mine, theirs in pairs)
