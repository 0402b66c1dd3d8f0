"""Accounts: the units that a firm serves, and who at the firm looks after each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Index, Text, UniqueConstraint, bindparam, case, func, select
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from models.account_contacts import AccountContact, portal_rank, status_of_rank
from models.base import (
    Audited,
    AuditedIn,
    Base,
    Choice,
    Document,
    FirmOwned,
    Key,
    Timestamp,
    one_of,
    owned_by_firm,
    within_firm,
)
from models.enums import AccountStatus, AccountType, CreatedVia, FolderAccess
from models.folders import Folder
from models.members import Member
from models.reach import Limited, assigned

if TYPE_CHECKING:
    from models.tags import Tag


class Account(Limited, FirmOwned, Base):
    __tablename__ = "accounts"
    id_prefix = "acct"
    audit = Audited(
        noun="account",
        fields=(
            "number",
            "external_reference",
            "type",
            "status",
            "name",
            "company_name",
            "company_address",
            "created_via",
        ),
        when={"status": {"ARCHIVED": "archived", "ACTIVE": "restored"}},
    )

    number: Mapped[str] = mapped_column(Key)
    external_reference: Mapped[str | None] = mapped_column(Text)
    type: Mapped[AccountType] = mapped_column(Choice(AccountType))
    status: Mapped[AccountStatus] = mapped_column(Choice(AccountStatus))
    name: Mapped[str] = mapped_column(Text)
    # What the list is ordered by and what it is searched in, folded when written
    # (models/folding.py), so that both databases order and find alike.
    name_key: Mapped[str] = mapped_column(Key)
    search_text: Mapped[str] = mapped_column(Text)
    company_name: Mapped[str | None] = mapped_column(Text)
    company_address: Mapped[dict[str, str | None] | None] = mapped_column(Document)
    created_via: Mapped[CreatedVia] = mapped_column(Choice(CreatedVia))
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    updated_at: Mapped[datetime] = mapped_column(Timestamp)

    contacts: Mapped[list[AccountContact]] = relationship(
        AccountContact, viewonly=True, lazy="raise", back_populates="account"
    )
    folders: Mapped[list[Folder]] = relationship(
        Folder, viewonly=True, lazy="raise", order_by=Folder.path_key
    )
    shared_folders: Mapped[list[Folder]] = relationship(
        Folder,
        primaryjoin=lambda: (
            (Account.firm_id == Folder.firm_id)
            & (Account.id == Folder.account_id)
            & (Folder.access != FolderAccess.PRIVATE)
        ),
        foreign_keys=[Folder.account_id],
        viewonly=True,
        lazy="raise",
        order_by=Folder.path_key,
    )
    assignees: Mapped[list[Member]] = relationship(
        Member, secondary="account_assignees", viewonly=True, lazy="raise"
    )
    tags: Mapped[list[Tag]] = relationship(
        "Tag", secondary="account_tags", viewonly=True, lazy="raise", order_by="Tag.name_key"
    )

    __table_args__ = (
        owned_by_firm(),
        UniqueConstraint("firm_id", "number"),
        UniqueConstraint("firm_id", "external_reference"),
        Index("ix_accounts_by_name", "firm_id", "status", "name_key", "id"),
        Index("ix_accounts_by_creation", "firm_id", "status", "created_at", "id"),
        Index("ix_accounts_by_update", "firm_id", "status", "updated_at", "id"),
        one_of("type", AccountType),
        one_of("status", AccountStatus),
        one_of("created_via", CreatedVia),
    )

    @hybrid_method
    def reached_by(self, member_id: Any) -> Any:
        """Whether it is assigned to the member."""
        return assigned(self.firm_id, self.id, member_id)

    @hybrid_property
    def portal_status(self) -> Any:
        """The furthest that any of the account's contacts has come."""
        return _furthest(self)

    @hybrid_property
    def is_current(self) -> Any:
        """1 for the account that the asking client's session is in, 0 for every other."""
        row: Any = self
        return case((row.id == bindparam("current_account_id", type_=Text()), 1), else_=0)


def _furthest(account: Any) -> ColumnElement[str]:
    entry = aliased(AccountContact)
    furthest = (
        select(func.max(portal_rank(entry)))
        .where(entry.firm_id == account.firm_id, entry.account_id == account.id)
        .correlate_except(entry)
        .scalar_subquery()
    )
    return status_of_rank(furthest)


class AccountAssignee(FirmOwned, Base):
    """A member who looks after an account, and is told what happens in it."""

    __tablename__ = "account_assignees"
    id_prefix = "asg"
    audit = AuditedIn(of="account_id", part="assignees", fields=("member_id",))

    account_id: Mapped[str] = mapped_column(Key)
    member_id: Mapped[str] = mapped_column(Key)

    __table_args__ = (
        owned_by_firm(),
        within_firm("account_id", "accounts", ondelete="CASCADE"),
        within_firm("member_id", "members", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "account_id", "member_id"),
        Index("ix_account_assignees_member", "firm_id", "member_id"),
    )
