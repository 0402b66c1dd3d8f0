"""Targets: account contacts that a write is over, each with its contact and its account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import load_only

from models import Account, AccountContact, Contact
from resolvers.bulk import is_one_of
from resolvers.unit import Unit

Target = tuple[AccountContact, Contact, Account]
"""An account contact, and of its contact and account what a mail and its rules need."""


async def ids_of(
    unit: Unit, found: Select[str], values: Mapping[str, Any] | None = None, *, locked: bool
) -> Sequence[str]:
    """The ids of account contacts that *found* selects; where *locked*, nobody changes them until
    the end."""
    # In one order everywhere, so that no two wait for each other.
    in_order = found.order_by(AccountContact.id)
    if locked:
        in_order = in_order.with_for_update(of=AccountContact)
    return (await unit.session.scalars(in_order, values)).all()


async def targets_of(unit: Unit, ids: Sequence[str]) -> dict[str, Target]:
    """The targets by their ids, in ascending order.

    To be read when they are locked: whom a merge has moved meanwhile is joined with whose they
    are now.
    """
    rows = await unit.session.execute(
        select(AccountContact, Contact, Account)
        .join(Contact, Contact.id == AccountContact.contact_id)
        .join(Account, Account.id == AccountContact.account_id)
        .options(
            load_only(Contact.email, Contact.email_key, Contact.first_name, Contact.locale),
            load_only(Account.name, Account.status),
        )
        .where(is_one_of(unit, AccountContact.id, ids))
        .order_by(AccountContact.id)
    )
    return {row[0].id: (row[0], row[1], row[2]) for row in rows}


def with_ids(unit: Unit, ids: Sequence[str]) -> Select[str]:
    """What selects *ids*, as far as the firm has them."""
    return select(AccountContact.id).where(is_one_of(unit, AccountContact.id, ids))
