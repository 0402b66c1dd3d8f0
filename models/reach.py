"""Reach: what a member without VIEW_ALL_ACCOUNTS sees of the firm's rows.

They see the accounts that are assigned to them, what belongs to these, and the contacts in them;
and a contact that they made themselves, while it is in no account yet. A table says by one of
these classes how its rows hang on an account. `tenancy.scope` is where it is asked.

The conditions are over bare tables: in them nothing is limited again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, or_
from sqlalchemy.ext.hybrid import hybrid_method

from models.base import Base
from models.existence import there_is


class Limited:
    """A table whose rows are not within everybody's reach."""

    @hybrid_method
    def reached_by(self, member_id: Any) -> Any:
        """Whether the member reaches the row."""
        raise NotImplementedError


class OfAccount(Limited):
    """A row with an `account_id`."""

    @hybrid_method
    def reached_by(self, member_id: Any) -> Any:
        row: Any = self
        return assigned(row.firm_id, row.account_id, member_id)


class OfContact(Limited):
    """A row with a `contact_id`."""

    @hybrid_method
    def reached_by(self, member_id: Any) -> Any:
        row: Any = self
        return contact_reached(row.firm_id, row.contact_id, member_id)


def assigned(firm_id: Any, account_id: Any, member_id: Any) -> ColumnElement[bool]:
    """Whether the account is assigned to the member."""
    assignee = _table("account_assignees")
    return there_is(
        assignee,
        where=(
            assignee.c.firm_id == firm_id,
            assignee.c.account_id == account_id,
            assignee.c.member_id == member_id,
        ),
    )


def entry_reached(firm_id: Any, entry_id: Any, member_id: Any) -> ColumnElement[bool]:
    """Whether the account of an account contact is assigned to the member."""
    entry = _table("account_contacts")
    return there_is(
        entry,
        where=(
            entry.c.firm_id == firm_id,
            entry.c.id == entry_id,
            assigned(entry.c.firm_id, entry.c.account_id, member_id),
        ),
    )


def contact_reached(firm_id: Any, contact_id: Any, member_id: Any) -> ColumnElement[bool]:
    """Whether a contact is in an account that is assigned to the member, or only theirs yet."""
    entry, anywhere, author = (
        _table("account_contacts"),
        _table("account_contacts"),
        _table("contact_authors"),
    )
    in_account = there_is(
        entry,
        where=(
            entry.c.firm_id == firm_id,
            entry.c.contact_id == contact_id,
            assigned(entry.c.firm_id, entry.c.account_id, member_id),
        ),
    )
    made = there_is(
        author,
        where=(
            author.c.firm_id == firm_id,
            author.c.contact_id == contact_id,
            author.c.member_id == member_id,
        ),
    )
    somewhere = there_is(
        anywhere,
        where=(anywhere.c.firm_id == firm_id, anywhere.c.contact_id == contact_id),
    )
    return or_(in_account, made & ~somewhere)


def _table(name: str) -> Any:
    table: Table = Base.metadata.tables[name]
    return table.alias()
