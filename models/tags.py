"""Tags: the firm's own words for accounts and contacts, and what carries them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from models.accounts import Account
from models.base import (
    Audited,
    AuditedIn,
    Base,
    FirmOwned,
    Key,
    Timestamp,
    owned_by_firm,
    within_firm,
)
from models.enums import AccountStatus
from models.reach import OfAccount, OfContact


class AccountTag(OfAccount, FirmOwned, Base):
    """An account that carries a tag."""

    __tablename__ = "account_tags"
    id_prefix = "atag"
    audit = AuditedIn(of="account_id", part="tags", fields=("tag_id",))

    account_id: Mapped[str] = mapped_column(Key)
    tag_id: Mapped[str] = mapped_column(Key)

    __table_args__ = (
        owned_by_firm(),
        within_firm("account_id", "accounts", ondelete="CASCADE"),
        within_firm("tag_id", "tags", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "account_id", "tag_id"),
        Index("ix_account_tags_tag", "firm_id", "tag_id", "account_id"),
    )


class ContactTag(OfContact, FirmOwned, Base):
    """A contact that carries a tag."""

    __tablename__ = "contact_tags"
    id_prefix = "ctag"
    audit = AuditedIn(of="contact_id", part="tags", fields=("tag_id",))

    contact_id: Mapped[str] = mapped_column(Key)
    tag_id: Mapped[str] = mapped_column(Key)

    __table_args__ = (
        owned_by_firm(),
        within_firm("contact_id", "contacts", ondelete="CASCADE"),
        within_firm("tag_id", "tags", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "contact_id", "tag_id"),
        Index("ix_contact_tags_tag", "firm_id", "tag_id", "contact_id"),
    )


class Tag(FirmOwned, Base):
    __tablename__ = "tags"
    id_prefix = "tag"
    audit = Audited(noun="tag", fields=("name", "color"))

    name: Mapped[str] = mapped_column(Text)
    # The folded name (models/folding.py): what decides whether two are one, and their order.
    name_key: Mapped[str] = mapped_column(Key)
    color: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Timestamp)

    __table_args__ = (
        owned_by_firm(),
        UniqueConstraint("firm_id", "name_key"),
    )


def carried_in_use(tag: Any, tagging: Any) -> ColumnElement[bool]:
    """Whether an account's *tagging* is of *tag*, and the account in use."""
    account = aliased(Account)
    # Asked of each account by its key alone: in a join, a PostgreSQL that has not yet counted
    # the rows takes the index by status, and reads all of the firm's accounts for each of them.
    status = (
        select(account.status)
        .where(account.firm_id == tagging.firm_id, account.id == tagging.account_id)
        .correlate(tagging)
        .scalar_subquery()
    )
    return carried(tag, tagging) & (status == AccountStatus.ACTIVE)


def carried(tag: Any, tagging: Any) -> ColumnElement[bool]:
    """Whether a *tagging* is of *tag*."""
    return (tagging.firm_id == tag.firm_id) & (tagging.tag_id == tag.id)
