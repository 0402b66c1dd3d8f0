"""Password resets: the state behind the link that somebody who forgot a password is sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Audited, Base, FirmOwned, Key, Timestamp, owned_by_firm, within_firm


class PasswordReset(FirmOwned, Base):
    """One per person: a newer request raises the counter, and every older link dies."""

    __tablename__ = "password_resets"
    id_prefix = "rst"
    audit = Audited(
        noun="passwordReset",
        fields=("expires_at",),
        hidden=("member_id", "portal_user_id", "counter", "used"),
        subject=("member_id", "portal_user_id"),
        created="requested",
        changed="requested",
    )

    member_id: Mapped[str | None] = mapped_column(Key)
    portal_user_id: Mapped[str | None] = mapped_column(Key)
    counter: Mapped[int]
    used: Mapped[bool]
    expires_at: Mapped[datetime] = mapped_column(Timestamp)

    __table_args__ = (
        owned_by_firm(),
        within_firm("member_id", "members", ondelete="CASCADE"),
        within_firm("portal_user_id", "portal_users", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "member_id"),
        UniqueConstraint("firm_id", "portal_user_id"),
        CheckConstraint("(member_id IS NULL) <> (portal_user_id IS NULL)", name="one_person"),
    )
