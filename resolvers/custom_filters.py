"""Finding by custom fields: the conditions behind `customFields` in a filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased

from models.enums import CustomFieldTarget
from models.existence import there_is
from models.folding import fold, like
from planner import Arguments, BadArgument
from resolvers.custom_keys import bottom_of, highest_key, keys_of, lowest_key, top_of
from resolvers.search_texts import VALUES

MOST_CONDITIONS = 20
_MOST_KEYS = 3


def custom_fields_matching(
    given: Arguments, row: Any, target: CustomFieldTarget
) -> Iterator[ColumnElement[bool]]:
    """The conditions of each CustomFieldFilter in `customFields`; *row* meets all of them."""
    table, subject = VALUES[target]
    conditions = given.objects("customFields")
    if len(conditions) > MOST_CONDITIONS:
        raise BadArgument(
            f"A filter takes at most {MOST_CONDITIONS} custom fields.", "customFields"
        )
    for one in conditions:
        value: Any = aliased(table)
        of_field = (
            value.firm_id == row.firm_id,
            getattr(value, subject) == row.id,
            value.field_id == one.bind("fieldId", str),
        )
        compared = tuple(_compared(one, value))
        is_set = one.choice("isSet")
        if is_set is False:
            yield ~there_is(value, where=of_field)
        if is_set or compared or is_set is None:
            yield there_is(value, where=(*of_field, *compared))


def _compared(one: Arguments, value: Any) -> Iterator[ColumnElement[bool]]:
    """What a value of the field has to be like."""
    if one.given("equals"):
        keys = [one.bind("equals", _key_at(place)) for place in range(_MOST_KEYS)]
        yield value.key.in_(keys)
    if one.given("contains"):
        pattern = one.bind("contains", lambda text: like(fold(text)))
        yield value.search_text.like(pattern, escape="\\")
    low, high = one.given("from"), one.given("until")
    if low or high:
        # Where one end is left open, it is the end of what can be compared with the other.
        first = one.bind("from", lowest_key) if low else one.bind("until", bottom_of)
        last = one.bind("until", highest_key) if high else one.bind("from", top_of)
        yield value.key.between(first, last)


def _key_at(place: int) -> Callable[[Any], str | None]:
    """One of the keys that an equal value may have; None, which equals nothing, beyond them."""

    def key(given: Any) -> str | None:
        keys = keys_of(given)
        return keys[place] if place < len(keys) else None

    return key
