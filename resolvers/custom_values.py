"""The values that an account or a contact has in the firm's custom fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, TypedDict

from sqlalchemy import select

from models import Account, Contact, CustomField, CustomFieldOption
from models.enums import CustomFieldTarget
from resolvers.circumstances import circumstances
from resolvers.custom_parsing import Asked, Parsed, parse
from resolvers.refusal import ErrorCode, Place, Problems
from resolvers.search_texts import VALUES, value_texts
from resolvers.unit import Unit
from tenancy.recording import remove

MOST_AT_ONCE = 200


class CustomFieldValueDraft(TypedDict, total=False):
    """A field and what it is filled with; without a value, or with None, it is cleared."""

    field_id: str
    value: Any


async def set_custom_fields(
    unit: Unit,
    problems: Problems,
    place: Place,
    row: Account | Contact,
    given: Sequence[CustomFieldValueDraft] | None,
    *,
    new: bool,
) -> list[str]:
    """Fills custom fields of *row*, which is *new* or locked; returns all that it is found by.

    Fields that are not in *given* stay as they are; in a new row, those that are required have
    to be there. What is wrong goes to *problems*, with its place below *place*.
    """
    target = CustomFieldTarget.ACCOUNT if isinstance(row, Account) else CustomFieldTarget.CONTACT
    place = (*place, "custom_fields")
    drafts = given or []
    if len(drafts) > MOST_AT_ONCE:
        problems.add(place, ErrorCode.LIMIT_REACHED, "At most {most} at once.", most=MOST_AT_ONCE)
        return []
    if not new and not drafts:
        return (await value_texts(unit, target, [row.id]))[row.id]
    asked = await _asked(unit, target, drafts, new=new)
    values = _parsed(problems, place, asked, drafts)
    # What a firm requires it asks of its members: whoever signs up does not see the field.
    if new and unit.visit.caller is not None:
        for id, one in asked.items():
            if one.field.required and id not in values:
                _require(problems, place, one.field)
    table, subject = VALUES[target]
    kept: list[str] = []
    if not new:
        await remove(
            unit.session, table, getattr(table, subject) == row.id, table.field_id.in_(values)
        )
        kept = (await value_texts(unit, target, [row.id]))[row.id]
    for field_id, found in values.items():
        for value in found:
            unit.new(table, **{subject: row.id, "field_id": field_id, **asdict(value)})
    return [*kept, *(value.search_text for found in values.values() for value in found)]


def _parsed(
    problems: Problems,
    place: Place,
    asked: Mapping[str, Asked],
    drafts: Sequence[CustomFieldValueDraft],
) -> dict[str, list[Parsed]]:
    """What each field is filled with; with nothing, where it is cleared or was refused."""
    values: dict[str, list[Parsed]] = {}
    for position, draft in enumerate(drafts):
        here: Place = (*place, position)
        id = draft.get("field_id", "")
        if id not in asked:
            problems.add((*here, "field_id"), ErrorCode.NOT_FOUND, "There is no such field.")
            continue
        if id in values:
            problems.add((*here, "field_id"), ErrorCode.CONFLICT, "This field is given twice.")
            continue
        one = replace(asked[id], place=(*here, "value"))
        before = len(problems)
        value = draft.get("value")
        values[id] = [] if value is None else parse(problems, one, value)
        if not values[id] and one.field.required and len(problems) == before:
            _require(problems, one.place, one.field)
    return values


def _require(problems: Problems, place: Place, field: CustomField) -> None:
    problems.add(place, ErrorCode.REQUIRED, "“{name}” is required.", name=field.name)


async def _asked(
    unit: Unit,
    target: CustomFieldTarget,
    drafts: Sequence[CustomFieldValueDraft],
    *,
    new: bool,
) -> dict[str, Asked]:
    """The fields that a write is about, by their ids, kept as they are until it is done."""
    around = await circumstances(unit)
    if target not in around.with_custom_fields:
        return {}
    statement = select(CustomField).where(CustomField.target == target)
    if not new:
        ids = [draft.get("field_id", "") for draft in drafts]
        statement = statement.where(CustomField.id.in_(ids))
    fields = await unit.session.scalars(
        statement.order_by(CustomField.position, CustomField.id).with_for_update(read=True)
    )
    by_id = {field.id: field for field in fields}
    options: dict[str, list[CustomFieldOption]] = {id: [] for id in by_id}
    if by_id and drafts:
        for option in await unit.session.scalars(
            select(CustomFieldOption)
            .where(CustomFieldOption.field_id.in_(by_id))
            .order_by(CustomFieldOption.position)
        ):
            options[option.field_id].append(option)
    return {id: Asked(field, options[id], (), around.locale) for id, field in by_id.items()}
