"""Invitations: what was sent for one account contact, and the state behind its links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, bindparam, case, text
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import (
    Audited,
    Base,
    Choice,
    FirmOwned,
    Key,
    Timestamp,
    one_of,
    owned_by_firm,
    within_firm,
)
from models.enums import DeliveryStatus, InvitationStatus
from models.members import Member
from models.reach import Limited, entry_reached

STATES = (InvitationStatus.PENDING, InvitationStatus.ACCEPTED, InvitationStatus.REVOKED)


class Invitation(Limited, FirmOwned, Base):
    __tablename__ = "invitations"
    id_prefix = "inv"
    audit = Audited(
        noun="invitation",
        fields=("account_contact_id", "email", "state", "send_count", "delivery", "expires_at"),
        hidden=("message", "counter", "sent_by_id", "sent_at", "accepted_at"),
        created="sent",
        when={
            "send_count": {"*": "sent"},
            "state": {"ACCEPTED": "accepted", "REVOKED": "revoked"},
            "delivery": {"FAILED": "bounced"},
        },
    )

    account_contact_id: Mapped[str] = mapped_column(Key)
    # The address that it went to: an invitation is good for this address alone.
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Key)
    state: Mapped[InvitationStatus] = mapped_column(Choice(InvitationStatus))
    message: Mapped[str | None] = mapped_column(Text)
    # Stands in every link; only the link with the row's present number is alive.
    counter: Mapped[int]
    send_count: Mapped[int]
    delivery: Mapped[DeliveryStatus] = mapped_column(Choice(DeliveryStatus))
    sent_by_id: Mapped[str | None] = mapped_column(Key)
    sent_at: Mapped[datetime] = mapped_column(Timestamp)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)
    accepted_at: Mapped[datetime | None] = mapped_column(Timestamp)

    sent_by: Mapped[Member | None] = relationship(Member, viewonly=True, lazy="raise")

    __table_args__ = (
        owned_by_firm(),
        within_firm("account_contact_id", "account_contacts", ondelete="CASCADE"),
        within_firm("sent_by_id", "members"),
        Index("ix_invitations_account_contact", "firm_id", "account_contact_id", "id"),
        # At most one live invitation for an account contact.
        Index(
            "uq_invitations_live",
            "firm_id",
            "account_contact_id",
            unique=True,
            sqlite_where=text("state = 'PENDING'"),
            postgresql_where=text("state = 'PENDING'"),
        ),
        one_of("state", STATES),
        one_of("delivery", DeliveryStatus),
    )

    @hybrid_method
    def reached_by(self, member_id: Any) -> Any:
        """Whether the account that it opens is assigned to the member."""
        return entry_reached(self.firm_id, self.account_contact_id, member_id)

    @hybrid_property
    def status(self) -> Any:
        """The state, and EXPIRED for a pending one past its time.

        `now` is the moment of the statement.
        """
        row: Any = self
        return case(
            (
                (row.state == InvitationStatus.PENDING)
                & (row.expires_at <= bindparam("now", type_=Timestamp())),
                InvitationStatus.EXPIRED,
            ),
            else_=row.state,
        )
