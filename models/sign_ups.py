"""Sign-ups: what somebody typed who is no client yet, until a mail has proven the address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Audited, Base, Choice, FirmOwned, Key, Timestamp, one_of, owned_by_firm
from models.enums import AccountType, Locale

TYPES = (AccountType.INDIVIDUAL, AccountType.COMPANY)


class SignUp(FirmOwned, Base):
    """One per address: whoever signs up anew raises the counter, and every older link dies."""

    __tablename__ = "sign_ups"
    id_prefix = "sgn"
    audit = Audited(
        noun="signUp",
        # What else was typed is deleted with the row, soon after its end.
        fields=("email", "expires_at"),
        hidden=(
            "type",
            "first_name",
            "last_name",
            "company_name",
            "phone",
            "locale",
            "counter",
            "used",
        ),
        subject=(),
        created="requested",
        changed="requested",
    )

    # As typed, for sending; `email_key` is what equality is decided by.
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Key)
    type: Mapped[AccountType] = mapped_column(Choice(AccountType))
    first_name: Mapped[str] = mapped_column(Text)
    last_name: Mapped[str] = mapped_column(Text)
    company_name: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[Locale] = mapped_column(Choice(Locale))
    counter: Mapped[int]
    used: Mapped[bool]
    expires_at: Mapped[datetime] = mapped_column(Timestamp)

    __table_args__ = (
        owned_by_firm(),
        UniqueConstraint("firm_id", "email_key"),
        Index("ix_sign_ups_age", "firm_id", "expires_at"),
        one_of("type", TYPES),
        one_of("locale", Locale),
    )
