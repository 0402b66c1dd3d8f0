"""Custom fields: what a firm wants to know of its accounts and contacts beyond the usual.

A value is a row for each account, or contact, and field; a field of the type MULTI_SELECT has
one for each option that is chosen.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    Audited,
    AuditedIn,
    Base,
    Choice,
    FirmOwned,
    Key,
    one_of,
    owned_by_firm,
    within_firm,
)
from models.enums import CustomFieldTarget, CustomFieldType


class CustomField(FirmOwned, Base):
    __tablename__ = "custom_fields"
    id_prefix = "cfld"
    audit = Audited(noun="customField", fields=("target", "type", "name", "required", "position"))

    target: Mapped[CustomFieldTarget] = mapped_column(Choice(CustomFieldTarget))
    type: Mapped[CustomFieldType] = mapped_column(Choice(CustomFieldType))
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Key)
    required: Mapped[bool]
    # From 0 on, among the fields of the same target.
    position: Mapped[int]

    __table_args__ = (
        owned_by_firm(),
        UniqueConstraint("firm_id", "target", "name_key"),
        one_of("target", CustomFieldTarget),
        one_of("type", CustomFieldType),
    )


class CustomFieldOption(FirmOwned, Base):
    """What can be chosen in a field. Values point at it, so that it can be renamed.

    That names differ is held by the use case, which has the field locked: two options that
    swap their names have the same one on the way.
    """

    __tablename__ = "custom_field_options"
    id_prefix = "copt"
    audit = AuditedIn(of="field_id", part="options", fields=("name",), hidden=("position",))

    field_id: Mapped[str] = mapped_column(Key)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Key)
    position: Mapped[int]

    __table_args__ = (
        owned_by_firm(),
        within_firm("field_id", "custom_fields", ondelete="CASCADE"),
        Index("ix_custom_field_options_field", "firm_id", "field_id", "position"),
    )


class _FieldValue(FirmOwned):
    """A value of a field; for one of the options, what the option says is repeated here."""

    field_id: Mapped[str] = mapped_column(Key)
    option_id: Mapped[str | None] = mapped_column(Key)
    # The option where a field holds several, otherwise empty: the place that one value takes.
    slot: Mapped[str] = mapped_column(Key)
    # The place of the option among the field's, by which several are sorted; otherwise 0.
    position: Mapped[int]
    # As JSON in text: a number has every digit that it was given.
    value: Mapped[str] = mapped_column(Text)
    # What values are compared by, alike on both databases (resolvers/custom_keys.py).
    key: Mapped[str] = mapped_column(Key)
    search_text: Mapped[str] = mapped_column(Text)


def _of(table: str, subject: str, target: str) -> tuple[Any, ...]:
    """The keys, references and indexes of a table of values, each of one of *target*."""
    references: tuple[ForeignKeyConstraint, ...] = (
        owned_by_firm(),
        within_firm(subject, target, ondelete="CASCADE"),
        within_firm("field_id", "custom_fields", ondelete="CASCADE"),
        within_firm("option_id", "custom_field_options", ondelete="CASCADE"),
    )
    return (
        *references,
        Index(f"ix_{table}_key", "firm_id", "field_id", "key"),
        Index(f"ix_{table}_option", "firm_id", "option_id"),
        Index(f"uq_{table}_slot", "firm_id", subject, "field_id", "slot", unique=True),
    )


def _audited_in(subject: str) -> AuditedIn:
    return AuditedIn(
        of=subject,
        part="customFields",
        fields=("field_id", "value"),
        hidden=("option_id", "slot", "position", "key"),
        documents=("value",),
    )


class AccountFieldValue(_FieldValue, Base):
    __tablename__ = "account_field_values"
    id_prefix = "afv"
    audit = _audited_in("account_id")

    account_id: Mapped[str] = mapped_column(Key)

    __table_args__ = _of("account_field_values", "account_id", "accounts")


class ContactFieldValue(_FieldValue, Base):
    __tablename__ = "contact_field_values"
    id_prefix = "cfv"
    audit = _audited_in("contact_id")

    contact_id: Mapped[str] = mapped_column(Key)

    __table_args__ = _of("contact_field_values", "contact_id", "contacts")
