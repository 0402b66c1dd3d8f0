"""The values that an account or a contact has in the firm's custom fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypedDict

from sqlalchemy import delete, select

from models import Account, Contact, CustomField, CustomFieldOption
from models.enums import CustomFieldTarget
from resolvers.custom_parsing import Asked, parse
from resolvers.refusal import ErrorCode, Place, Problems
from resolvers.search_texts import VALUES, value_texts
from resolvers.unit import Unit

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
    texts = {} if new else await value_texts(unit, target, [row.id])
    if not new and not drafts:
        return texts[row.id]
    asked = await _asked(unit, place, target, drafts, new=new)
    missing = {id for id, one in asked.items() if new and one.field.required}
    if unit.visit.caller is None:
        # What a firm requires it asks of its members: whoever signs up does not see the field.
        missing.clear()
    cleared: set[str] = set()
    table, subject = VALUES[target]
    written: list[str] = []
    for position, draft in enumerate(drafts):
        here: Place = (*place, position)
        field_id = draft.get("field_id", "")
        one = asked.get(field_id)
        if one is None or field_id in cleared:
            problems.add(
                (*here, "field_id"),
                ErrorCode.NOT_FOUND if one is None else ErrorCode.CONFLICT,
                "There is no such field." if one is None else "This field is given twice.",
            )
            continue
        cleared.add(field_id)
        missing.discard(field_id)
        inside = Asked(one.field, one.options, (*here, "value"), one.locale)
        before = len(problems)
        value = draft.get("value")
        parsed = [] if value is None else parse(problems, inside, value)
        if not parsed and one.field.required and len(problems) == before:
            problems.add(
                inside.place, ErrorCode.REQUIRED, "“{name}” is required.", name=one.field.name
            )
        for value in parsed:
            unit.new(table, **{subject: row.id, "field_id": field_id, **asdict(value)})
            written.append(value.search_text)
    for id in missing:
        problems.add(place, ErrorCode.REQUIRED, "“{name}” is required.", name=asked[id].field.name)
    if new:
        return written
    await unit.session.execute(
        delete(table)
        .where(getattr(table, subject) == row.id, table.field_id.in_(cleared))
        .execution_options(synchronize_session=False)
    )
    # What is still there is what was not cleared: the new values are not written yet.
    return [*(await value_texts(unit, target, [row.id]))[row.id], *written]


async def _asked(
    unit: Unit,
    place: Place,
    target: CustomFieldTarget,
    drafts: Sequence[CustomFieldValueDraft],
    *,
    new: bool,
) -> dict[str, Asked]:
    """The fields that a write is about, by their ids, kept as they are until it is done."""
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
    if not by_id:
        return {}
    locale = (await unit.firm()).locale
    return {id: Asked(field, options[id], place, locale) for id, field in by_id.items()}
