"""Which accounts a portal user may enter: the one condition that every door asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam
from sqlalchemy.orm import aliased

from models.account_contacts import AccountContact
from models.contact_addresses import ContactAddress
from models.enums import AccountStatus
from models.existence import there_is
from models.portal_users import PortalUser


def opens(user: Any, account: Any) -> ColumnElement[bool]:
    """Whether *account* is open to *user*.

    It is while a contact with the user's address is in it with LOGIN on, and it is not
    archived. Nothing else opens it, and no equal address in another account does. A contact
    that others were merged into has their addresses beside its own.
    """
    entry, address = aliased(AccountContact), aliased(ContactAddress)
    return (account.status == AccountStatus.ACTIVE) & there_is(
        entry,
        address,
        where=(
            entry.firm_id == account.firm_id,
            entry.account_id == account.id,
            entry.login.is_(True),
            address.firm_id == entry.firm_id,
            address.contact_id == entry.contact_id,
            address.firm_id == user.firm_id,
            address.email_key == user.email_key,
        ),
    )


def opens_to_caller(account: Any) -> ColumnElement[bool]:
    """Whether *account* is open to the client who asks, the parameter `portal_user_id`."""
    user = aliased(PortalUser)
    return there_is(
        user,
        where=(
            user.firm_id == account.firm_id,
            user.id == bindparam("portal_user_id", type_=Text()),
            opens(user, account),
        ),
    )
