"""Notifications: what a member is told in the inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, bindparam
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.base import (
    Base,
    Choice,
    FirmOwned,
    Key,
    Timestamp,
    Unaudited,
    one_of,
    owned_by_firm,
    within_firm,
)
from models.enums import NotificationKind
from models.reach import Limited, assigned


class Notification(Limited, FirmOwned, Base):
    __tablename__ = "notifications"
    id_prefix = "noti"
    audit = Unaudited("It tells a member of what is told here as well.")

    member_id: Mapped[str] = mapped_column(Key)
    kind: Mapped[NotificationKind] = mapped_column(Choice(NotificationKind))
    # In the member's language, as it stood when it was written.
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    account_id: Mapped[str | None] = mapped_column(Key)
    url: Mapped[str | None] = mapped_column(Text)
    read_at: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp)

    account: Mapped[Account | None] = relationship(Account, viewonly=True, lazy="raise")

    __table_args__ = (
        owned_by_firm(),
        within_firm("member_id", "members", ondelete="CASCADE"),
        within_firm("account_id", "accounts", ondelete="CASCADE"),
        Index("ix_notifications_inbox", "firm_id", "member_id", "id"),
        one_of("kind", NotificationKind),
    )

    @hybrid_method
    def reached_by(self, member_id: Any) -> Any:
        """Whether it is of no account, or of one that is assigned to the member."""
        row: Any = self
        return row.account_id.is_(None) | assigned(row.firm_id, row.account_id, member_id)

    @hybrid_property
    def seen_by_caller(self) -> Any:
        """A member's notifications are for that member alone."""
        return self.member_id == bindparam("member_id", type_=Text())
