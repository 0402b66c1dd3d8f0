"""Which accounts a portal user may enter: the one condition that every door asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam
from sqlalchemy.orm import aliased

from models.account_contacts import AccountContact
from models.contact_addresses import ContactAddress
from models.enums import AccountStatus
from models.existence import is_among
from models.portal_users import PortalUser


def opens(user: Any, account: Any) -> ColumnElement[bool]:
    """Whether *account* is open to *user*, a row of a statement further out.

    It is while a contact with the user's address is in it with LOGIN on, and it is not
    archived. Nothing else opens it, and no equal address in another account does. A contact
    that others were merged into has their addresses beside its own.
    """
    return (account.firm_id == user.firm_id) & _is_entered(account, user)


def opens_to(portal_user_id: Any, account: Any) -> ColumnElement[bool]:
    """Whether *account* is open to the portal user with this id (a value, column or parameter)."""
    user = aliased(PortalUser)
    return _is_entered(account, user, of=(user.id == portal_user_id,), beside=(user,))


def opens_to_caller(account: Any) -> ColumnElement[bool]:
    """Whether *account* is open to the client who asks, the parameter `portal_user_id`."""
    return opens_to(bindparam("portal_user_id", type_=Text()), account)


def _is_entered(
    account: Any,
    user: Any,
    *,
    of: tuple[ColumnElement[bool], ...] = (),
    beside: tuple[Any, ...] = (),
) -> ColumnElement[bool]:
    entry, address = aliased(AccountContact), aliased(ContactAddress)
    # From the user's few accounts: asked of each account, SQLite would look at all of the firm's.
    return (account.status == AccountStatus.ACTIVE) & is_among(
        account.id,
        entry.account_id,
        (entry, address, *beside),
        where=(
            *of,
            address.firm_id == user.firm_id,
            address.email_key == user.email_key,
            entry.firm_id == address.firm_id,
            entry.contact_id == address.contact_id,
            entry.login.is_(True),
        ),
    )
