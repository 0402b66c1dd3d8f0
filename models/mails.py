"""The outbox: mails written with the transaction that causes them, and sent afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    Base,
    Choice,
    Document,
    FirmOwned,
    Key,
    Timestamp,
    Unaudited,
    one_of,
    owned_by_firm,
    within_firm,
)
from models.enums import DeliveryStatus, Locale


class Mail(FirmOwned, Base):
    """One mail to one recipient. It is rendered when it is sent: no link lies in the table."""

    __tablename__ = "mails"
    id_prefix = "mail"
    audit = Unaudited("What causes a mail is told, and of an invitation that it bounced.")

    template: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str] = mapped_column(Text)
    locale: Mapped[Locale] = mapped_column(Choice(Locale))
    # What the template needs: texts, and for a link its purpose, subject and counter.
    content: Mapped[dict[str, Any]] = mapped_column(Document)
    # The invitation whose delivery this mail is.
    invitation_id: Mapped[str | None] = mapped_column(Key)
    state: Mapped[DeliveryStatus] = mapped_column(Choice(DeliveryStatus))
    attempts: Mapped[int] = mapped_column(default=0)
    # When it may be tried (again); a worker that takes it moves this ahead, so that
    # nobody else takes it, and a worker that dies leaves it to be taken again.
    due_at: Mapped[datetime] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    sent_at: Mapped[datetime | None] = mapped_column(Timestamp)
    # What the mail server said last.
    failure: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        owned_by_firm(),
        within_firm("invitation_id", "invitations", ondelete="CASCADE"),
        Index(
            "ix_mails_due",
            "due_at",
            sqlite_where=text("state = 'QUEUED'"),
            postgresql_where=text("state = 'QUEUED'"),
        ),
        Index("ix_mails_invitation", "firm_id", "invitation_id"),
        one_of("state", DeliveryStatus),
        one_of("locale", Locale),
    )
