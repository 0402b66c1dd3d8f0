"""Sessions: who is signed in. A row ends a session by going; its token is kept as a hash only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, bindparam, or_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Audited, Base, FirmOwned, Key, Timestamp, owned_by_firm, within_firm


class Session(FirmOwned, Base):
    __tablename__ = "sessions"
    id_prefix = "sess"
    audit = Audited(
        noun="session",
        fields=("id", "current_account_id", "user_agent"),
        hidden=(
            "token_hash",
            "member_id",
            "portal_user_id",
            "ip_address",
            "last_used_at",
            "expires_at",
        ),
        subject=("member_id", "portal_user_id"),
        created="started",
        deleted="ended",
    )

    token_hash: Mapped[str] = mapped_column(Key)
    member_id: Mapped[str | None] = mapped_column(Key)
    portal_user_id: Mapped[str | None] = mapped_column(Key)
    # Where a client lands. Access is decided by the LOGIN of the account, never by this.
    current_account_id: Mapped[str | None] = mapped_column(Key)
    user_agent: Mapped[str | None] = mapped_column(Text)
    ip_address: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    last_used_at: Mapped[datetime] = mapped_column(Timestamp)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)

    __table_args__ = (
        owned_by_firm(),
        within_firm("member_id", "members", ondelete="CASCADE"),
        within_firm("portal_user_id", "portal_users", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "token_hash"),
        Index("ix_sessions_member", "firm_id", "member_id"),
        Index("ix_sessions_portal_user", "firm_id", "portal_user_id"),
        CheckConstraint("(member_id IS NULL) <> (portal_user_id IS NULL)", name="one_person"),
    )

    @hybrid_property
    def is_current(self) -> Any:
        """Whether it is the session that asks."""
        return self.id == bindparam("session_id", type_=Text())

    @hybrid_property
    def is_callers(self) -> Any:
        """Whether it is one of the caller's own."""
        row: Any = self
        return or_(
            row.member_id == bindparam("member_id", type_=Text()),
            row.portal_user_id == bindparam("portal_user_id", type_=Text()),
        )
