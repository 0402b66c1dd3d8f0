"""Cursors: where a row stands in an order.

A cursor is the hexadecimal UTF-8 of the order's name, the values that the row is sorted by,
and its id, with the character U+001F between them. The database writes it, alike on both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Date, Integer
from sqlalchemy.types import TypeEngine

from models.base import Timestamp
from planner.databases import word
from planner.errors import BadArgument

if TYPE_CHECKING:
    from planner.databases import Forms

SEPARATOR = "\x1f"
_DIGITS = frozenset("0123456789abcdef")
_DAY = "%Y-%m-%d"
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"


def cursor(forms: Forms, order: str, keys: Sequence[ColumnElement[Any]]) -> ColumnElement[str]:
    """The expression that writes the cursor of a row sorted by *keys*, its id the last."""
    text = word(order)
    for key in keys:
        text = text + forms.separator + forms.text(key)
    return forms.hexadecimal(text)


def part(
    order: str, types: Sequence[TypeEngine[Any]], place: int, argument: str
) -> Callable[[Any], Any]:
    """What reads the value at *place* out of a cursor of this order, for keys of these types.

    It raises BadArgument for *argument* where the text is no such cursor.
    """

    def read(text: Any) -> Any:
        try:
            values = _split(text, order, len(types))
            return _parse(values[place], types[place])
        except (ValueError, OverflowError):
            raise BadArgument(
                f"`{argument}` is not a cursor of this list in this order.", argument
            ) from None

    return read


def _split(text: str, order: str, count: int) -> list[str]:
    if not _DIGITS.issuperset(text):
        raise ValueError(text)
    # A text among the values may hold the separator itself: the last one takes what is over.
    name, _, rest = bytes.fromhex(text).decode().partition(SEPARATOR)
    values = rest.rsplit(SEPARATOR, 1) if count > 1 else [rest]
    values = [*values[0].split(SEPARATOR, max(count - 2, 0)), *values[1:]]
    if name != order or len(values) != count or not values[-1] or "\x00" in rest:
        raise ValueError(text)
    return values


def _parse(text: str, type_: TypeEngine[Any]) -> Any:
    if isinstance(type_, Timestamp):
        return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
    if isinstance(type_, Date):
        return datetime.strptime(text, _DAY).date()  # noqa: DTZ007 - a day has no time zone
    if isinstance(type_, Integer):
        number = int(text)
        if abs(number) >= 2**31:
            raise ValueError(text)
        return number
    return text
