"""Notification preferences: what a member wants to be told, and how."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AuditedIn, Base, Choice, FirmOwned, Key, owned_by_firm, within_firm
from models.enums import NotificationKind


class NotificationPreference(FirmOwned, Base):
    """What a member has said of a kind of notification; what was never said is null, or no row.

    The database keeps no list of the kinds here: a new one is known to `NotificationKind` alone.
    """

    __tablename__ = "notification_preferences"
    id_prefix = "npref"
    audit = AuditedIn(
        of="member_id", part="notificationPreferences", fields=("kind", "inbox", "email")
    )

    member_id: Mapped[str] = mapped_column(Key)
    kind: Mapped[NotificationKind] = mapped_column(Choice(NotificationKind))
    inbox: Mapped[bool | None]
    email: Mapped[bool | None]

    __table_args__ = (
        owned_by_firm(),
        within_firm("member_id", "members", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "member_id", "kind"),
    )
