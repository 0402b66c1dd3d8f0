"""Contacts: real people, with a name and perhaps an e-mail address."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import (
    Audited,
    AuditedIn,
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
from models.enums import Locale, PhoneType
from models.reach import Limited, contact_reached

if TYPE_CHECKING:
    from models.account_contacts import AccountContact
    from models.contact_addresses import ContactAddress
    from models.tags import Tag


class Phone(FirmOwned, Base):
    """A contact's telephone number in E.164, in the order in which it was given."""

    __tablename__ = "phones"
    id_prefix = "phon"
    audit = AuditedIn(
        of="contact_id", part="phones", fields=("number", "type"), hidden=("position",)
    )

    contact_id: Mapped[str] = mapped_column(Key)
    position: Mapped[int]
    number: Mapped[str] = mapped_column(Key)
    type: Mapped[PhoneType] = mapped_column(Choice(PhoneType))

    __table_args__ = (
        owned_by_firm(),
        within_firm("contact_id", "contacts", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "contact_id", "position"),
        one_of("type", PhoneType),
    )


class Contact(Limited, FirmOwned, Base):
    __tablename__ = "contacts"
    id_prefix = "cont"
    audit = Audited(
        noun="contact",
        fields=(
            "external_reference",
            "first_name",
            "middle_name",
            "last_name",
            "name",
            "company_name",
            "email",
            "address",
            "locale",
        ),
    )

    external_reference: Mapped[str | None] = mapped_column(Text)
    first_name: Mapped[str | None] = mapped_column(Text)
    middle_name: Mapped[str | None] = mapped_column(Text)
    last_name: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    company_name: Mapped[str | None] = mapped_column(Text)
    # As typed, for sending; `email_key` is what equality is decided by.
    email: Mapped[str | None] = mapped_column(Text)
    email_key: Mapped[str | None] = mapped_column(Key)
    address: Mapped[dict[str, str | None] | None] = mapped_column(Document)
    locale: Mapped[Locale | None] = mapped_column(Choice(Locale))
    first_name_key: Mapped[str] = mapped_column(Key)
    last_name_key: Mapped[str] = mapped_column(Key)
    search_text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    updated_at: Mapped[datetime] = mapped_column(Timestamp)

    phones: Mapped[list[Phone]] = relationship(
        Phone, viewonly=True, lazy="raise", order_by=Phone.position
    )
    accounts: Mapped[list[AccountContact]] = relationship(
        "AccountContact", viewonly=True, lazy="raise", back_populates="contact"
    )
    # The addresses of contacts that were merged into this one; its own stands under its own id.
    other_emails: Mapped[list[ContactAddress]] = relationship(
        "ContactAddress",
        primaryjoin="and_(Contact.firm_id == foreign(ContactAddress.firm_id),"
        " Contact.id == foreign(ContactAddress.contact_id),"
        " Contact.id != ContactAddress.id)",
        viewonly=True,
        lazy="raise",
        order_by="ContactAddress.id",
    )
    tags: Mapped[list[Tag]] = relationship(
        "Tag", secondary="contact_tags", viewonly=True, lazy="raise", order_by="Tag.name_key"
    )

    __table_args__ = (
        owned_by_firm(),
        UniqueConstraint("firm_id", "external_reference"),
        Index("ix_contacts_by_last_name", "firm_id", "last_name_key", "first_name_key", "id"),
        Index("ix_contacts_by_first_name", "firm_id", "first_name_key", "last_name_key", "id"),
        Index("ix_contacts_by_email", "firm_id", "email_key", "id"),
        # A list by address begins with those who have none.
        Index("ix_contacts_in_order_of_email", "firm_id", text("coalesce(email_key, '')"), "id"),
        Index("ix_contacts_by_creation", "firm_id", "created_at", "id"),
        one_of("locale", Locale),
    )

    @hybrid_method
    def reached_by(self, member_id: Any) -> Any:
        """Whether it is in an account that is assigned to the member, or only theirs yet."""
        return contact_reached(self.firm_id, self.id, member_id)


class ContactAuthor(FirmOwned, Base):
    """Who made a contact, kept for those who would not see it otherwise (`models/reach.py`)."""

    __tablename__ = "contact_authors"
    id_prefix = "caut"
    audit = Unaudited("The event of the contact says who made it.")

    contact_id: Mapped[str] = mapped_column(Key)
    member_id: Mapped[str] = mapped_column(Key)

    __table_args__ = (
        owned_by_firm(),
        within_firm("contact_id", "contacts", ondelete="CASCADE"),
        within_firm("member_id", "members", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "contact_id"),
    )
