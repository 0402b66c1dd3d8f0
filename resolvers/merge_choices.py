"""Whose value stays where contacts that become one differ: what is alike needs no choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import orjson
from sqlalchemy import select

from models import Contact, ContactFieldValue, CustomField
from models.enums import CustomFieldTarget, CustomFieldType
from models.folding import fold
from resolvers.custom_values import MOST_AT_ONCE
from resolvers.refusal import AsGiven, ErrorCode, Place, Problems
from resolvers.unit import Unit

_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "external_reference": str,
    "first_name": fold,
    "middle_name": fold,
    "last_name": fold,
    "company_name": fold,
    "email": str,
    "address": lambda lines: sorted((name, fold(line)) for name, line in lines.items() if line),
    "locale": str,
}
"""What a contact has one of, each with what two are compared by."""


class FieldChoice(TypedDict):
    """A custom field, and the contact whose value stays there."""

    field_id: str
    contact_id: str


class Choices(TypedDict, total=False):
    """For a field, the id of the contact whose value stays; without it, none is chosen."""

    external_reference: str | None
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    company_name: str | None
    email: str | None
    address: str | None
    locale: str | None
    custom_fields: Sequence[FieldChoice] | None


@dataclass(frozen=True)
class Chosen:
    """What the contact that is kept will hold: by column, and by custom field whose value."""

    columns: Mapping[str, Any]
    fields: Mapping[str, str]


@dataclass(frozen=True)
class _Value:
    """What one contact has in a field: to compare by, and as people read it."""

    key: Any
    shown: str


async def choose(
    unit: Unit, problems: Problems, contacts: Sequence[Contact], choices: Choices
) -> Chosen:
    """Whose value stays in each field that any of *contacts*, the kept one first, has.

    Choices that make no sense go to *problems*, and so do fields that want one.
    """
    return Chosen(
        columns=_columns(problems, contacts, choices),
        fields=await _fields(unit, problems, contacts, choices.get("custom_fields") or []),
    )


def _columns(
    problems: Problems, contacts: Sequence[Contact], choices: Choices
) -> Mapping[str, Any]:
    by_id = {contact.id: contact for contact in contacts}
    columns: dict[str, Any] = {}
    for name, comparable in _FIELDS.items():
        place = ("choices", name)
        having = {
            contact.id: _Value(
                repr(comparable(contact.email_key if name == "email" else found)), _shown(found)
            )
            for contact in contacts
            if (found := getattr(contact, name))
        }
        choice = choices.get(name)
        if choice is not None and not _can_be(problems, place, choice, having or by_id):
            continue
        if choice is None and _differ(having):
            problems.add(
                place,
                ErrorCode.CONFLICT,
                "The contacts differ here: {values}. Name the contact whose value stays.",
                values=_all_shown(having),
            )
            continue
        if having:
            winner = by_id[choice or next(iter(having))]
            columns[name] = getattr(winner, name)
            if name == "email":
                columns["email_key"] = winner.email_key
    return columns


async def _fields(
    unit: Unit, problems: Problems, contacts: Sequence[Contact], given: Sequence[FieldChoice]
) -> Mapping[str, str]:
    place: Place = ("choices", "custom_fields")
    if len(given) > MOST_AT_ONCE:
        problems.add(place, ErrorCode.LIMIT_REACHED, "At most {most} at once.", most=MOST_AT_ONCE)
        return {}
    ids = dict.fromkeys(contact.id for contact in contacts)
    known = await unit.session.scalars(
        select(CustomField)
        .where(CustomField.target == CustomFieldTarget.CONTACT)
        .order_by(CustomField.position, CustomField.id)
    )
    fields = {field.id: field for field in known}
    values = await _values(unit, fields, list(ids))
    chosen: dict[str, str] = {}
    named: set[str] = set()
    for position, choice in enumerate(given):
        field_id, here = choice["field_id"], (*place, position)
        if field_id not in fields:
            problems.add((*here, "field_id"), ErrorCode.NOT_FOUND, "There is no such field.")
        elif field_id in named:
            problems.add((*here, "field_id"), ErrorCode.CONFLICT, "This field is given twice.")
        else:
            having = values.get(field_id, {})
            contact_id = choice["contact_id"]
            if _can_be(problems, (*here, "contact_id"), contact_id, having or ids) and having:
                chosen[field_id] = contact_id
        named.add(field_id)
    for field_id, field in fields.items():
        having = values.get(field_id, {})
        if not having or field_id in named:
            continue
        if _differ(having):
            problems.add(
                (*place, AsGiven(field_id)),
                ErrorCode.CONFLICT,
                "The contacts differ in “{name}”: {values}. Name the contact whose value stays.",
                name=field.name,
                values=_all_shown(having),
            )
        else:
            chosen[field_id] = next(iter(having))
    return chosen


async def _values(
    unit: Unit, fields: Mapping[str, CustomField], ids: Sequence[str]
) -> Mapping[str, Mapping[str, _Value]]:
    """What the custom fields of contacts hold: by field, by contact in the order of *ids*."""
    found = await unit.session.scalars(
        select(ContactFieldValue)
        .where(ContactFieldValue.contact_id.in_(ids))
        .order_by(ContactFieldValue.position, ContactFieldValue.slot)
    )
    rows: dict[str, dict[str, list[ContactFieldValue]]] = {}
    for row in found:
        rows.setdefault(row.field_id, {}).setdefault(row.contact_id, []).append(row)
    return {
        field_id: {
            id: _Value(
                tuple(_key(fields[field_id], row) for row in by_contact[id]),
                ", ".join(_written(fields[field_id], row) for row in by_contact[id]),
            )
            for id in ids
            if id in by_contact
        }
        for field_id, by_contact in rows.items()
    }


def _key(field: CustomField, row: ContactFieldValue) -> str:
    # Case matters in an address on the web.
    return row.value if field.type is CustomFieldType.URL else row.key


def _written(field: CustomField, row: ContactFieldValue) -> str:
    if field.type in (CustomFieldType.NUMBER, CustomFieldType.CHECKBOX):
        return row.value
    return _shown(orjson.loads(row.value))


def _can_be(problems: Problems, place: Place, choice: str, ids: Mapping[str, Any]) -> bool:
    if choice not in ids:
        problems.add(
            place,
            ErrorCode.NOT_FOUND,
            "None of these contacts has this id and a value here.",
        )
    return choice in ids


def _differ(having: Mapping[str, _Value]) -> bool:
    return len({value.key for value in having.values()}) > 1


def _all_shown(having: Mapping[str, _Value]) -> str:
    return "; ".join(dict.fromkeys(value.shown for value in having.values()))


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(line) for line in value.values() if line)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return f"“{value}”"
