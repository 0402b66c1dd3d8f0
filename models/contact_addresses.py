"""The e-mail addresses of contacts: the one that is written to, and others that still sign in."""

from __future__ import annotations

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AuditedIn, Base, FirmOwned, Key, owned_by_firm, within_firm


class ContactAddress(FirmOwned, Base):
    """An address whose portal user enters where the contact may.

    The contact's own address is here too, under the contact's id: triggers keep that row
    (`migrations/versions/0009_merge.py`), so that one look finds whoever has an address. The
    others come from contacts that were merged into this one.
    """

    __tablename__ = "contact_addresses"
    id_prefix = "addr"
    audit = AuditedIn(of="contact_id", part="otherEmails", fields=("email",))

    contact_id: Mapped[str] = mapped_column(Key)
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Key)

    __table_args__ = (
        owned_by_firm(),
        within_firm("contact_id", "contacts", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "contact_id", "email_key"),
        Index("ix_contact_addresses_email", "firm_id", "email_key", "contact_id"),
    )
