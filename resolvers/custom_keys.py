"""Keys of custom fields' values: texts that are equal, and ordered, as the values are.

Texts, so that both databases compare them alike and by index, and no number becomes a float. A
number's begins with N and a checkbox's with B, which no folded text does.
"""

from __future__ import annotations

import hashlib
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

import phonenumbers

from models.folding import fold

WHOLE_DIGITS = 15
DECIMALS = 10

# What stands in an index has a bounded length.
_LONGEST = 200
_BEFORE_HASH = 150
_DIGITS = WHOLE_DIGITS + DECIMALS
_EXACT = Context(prec=100)
_WRITTEN = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


def text_key(text: str) -> str:
    """Of a text, whatever its case and accents; a long one's beginning, and a hash."""
    folded = fold(text)
    if len(folded) <= _LONGEST:
        return folded
    digest = hashlib.sha256(folded.encode()).hexdigest()[:32]
    return f"{folded[:_BEFORE_HASH]}\x01{digest}"


def checkbox_key(checked: bool) -> str:
    """Of a checkbox."""
    return "B1" if checked else "B0"


def number_key(number: Decimal, *, rounding: str = ROUND_FLOOR) -> str:
    """Of a number; beyond the digits that a field keeps it is rounded, or the largest there is."""
    most = 10**_DIGITS - 1
    if not number:
        scaled = 0
    elif number.adjusted() >= WHOLE_DIGITS:
        scaled = -most if number < 0 else most
    elif number.adjusted() < -DECIMALS - 2:
        # Too little to be kept, and yet beside 0.
        upward = rounding == ROUND_CEILING
        scaled = int(upward and number > 0) - int(not upward and number < 0)
    else:
        moved = _EXACT.scaleb(number, DECIMALS)
        scaled = int(moved.to_integral_value(rounding, _EXACT))
    return f"N0{most + scaled:0{_DIGITS}d}" if scaled < 0 else f"N1{scaled:0{_DIGITS}d}"


def written_number(text: str) -> Decimal | None:
    """The number that *text* is, in digits with a point; None for any other text."""
    return Decimal(text) if _WRITTEN.fullmatch(text.strip()) else None


def keys_of(value: Any) -> list[str]:
    """What a value may have as its key that is equal to *value*, whatever its field's type."""
    if isinstance(value, bool):
        return [checkbox_key(value)]
    if isinstance(value, (int, Decimal)):
        return [_exact_key(Decimal(value))]
    if not isinstance(value, str):
        return []
    found = [text_key(value.strip())]
    if (number := written_number(value)) is not None:
        found.append(_exact_key(number))
    if (phone := _phone(value)) is not None:
        found.append(text_key(phone))
    return found


def lowest_key(value: Any) -> str:
    """The key that values from *value* on begin at."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return number_key(Decimal(value), rounding=ROUND_CEILING)
    return text_key(value) if isinstance(value, str) else _NOWHERE


def highest_key(value: Any) -> str:
    """The key that values up to *value* end at, itself included."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return number_key(Decimal(value))
    return text_key(value) if isinstance(value, str) else ""


_NOWHERE = "\U0010ffff"


def bottom_of(value: Any) -> str:
    """Where the keys begin that can be compared with *value*."""
    return "" if isinstance(value, str) else "N"


def top_of(value: Any) -> str:
    """Where the keys end that can be compared with *value*."""
    return _NOWHERE if isinstance(value, str) else "N9"


def _exact_key(number: Decimal) -> str:
    """The key of exactly *number*; one that no value has, where a field cannot keep it."""
    if number_key(number) != number_key(number, rounding=ROUND_CEILING):
        return _NOWHERE
    return _NOWHERE if number and number.adjusted() >= WHOLE_DIGITS else number_key(number)


def _phone(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text[:50], None)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
