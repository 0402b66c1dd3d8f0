"""Member invitations: the state behind the link that somebody who is to work here is sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Audited, Base, FirmOwned, Key, Timestamp, owned_by_firm, within_firm


class MemberInvitation(FirmOwned, Base):
    """One per member: sending again raises the counter, and every older link dies.

    Whether it was used is the member's status: INVITED until a password is set.
    """

    __tablename__ = "member_invitations"
    id_prefix = "minv"
    audit = Audited(
        noun="memberInvitation",
        fields=("invited_by_id", "expires_at"),
        hidden=("member_id", "counter", "sent_at"),
        subject=("member_id",),
        created="sent",
        changed="sent",
    )

    member_id: Mapped[str] = mapped_column(Key)
    invited_by_id: Mapped[str] = mapped_column(Key)
    # Stands in every link; only the link with the row's present number is alive.
    counter: Mapped[int]
    sent_at: Mapped[datetime] = mapped_column(Timestamp)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)

    __table_args__ = (
        owned_by_firm(),
        within_firm("member_id", "members", ondelete="CASCADE"),
        within_firm("invited_by_id", "members"),
        UniqueConstraint("firm_id", "member_id"),
    )
