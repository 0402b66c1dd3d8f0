"""What people fill a custom field with, checked by the field's type and written as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast
from urllib.parse import urlsplit

import orjson

from models import CustomField, CustomFieldOption
from models.enums import CustomFieldType, Locale
from models.folding import fold, search_text
from resolvers import texts
from resolvers.custom_keys import (
    DECIMALS,
    WHOLE_DIGITS,
    checkbox_key,
    number_key,
    text_key,
    written_number,
)
from resolvers.refusal import ErrorCode, Place, Problems

TEXT_LENGTH = 2000

_A_TEXT_SENTENCE = "This field takes a text."
_A_NUMBER_SENTENCE = "This field takes a number, such as {example}."
_A_DATE_SENTENCE = "This field takes a day, such as {example}."
_A_URL_SENTENCE = "An address on the web begins with http:// or https://."


@dataclass(frozen=True)
class Parsed:
    """A value as it is kept: as JSON, as a key to compare by, and as text to search in."""

    value: str
    key: str
    search_text: str
    option_id: str | None = None
    slot: str = ""
    position: int = 0

    @classmethod
    def of_text(cls, text: str) -> Parsed:
        """A value that is shown as it is."""
        return cls(orjson.dumps(text).decode(), text_key(text), search_text([text]))

    @classmethod
    def of_option(cls, option: CustomFieldOption, *, several: bool) -> Parsed:
        """An option that is chosen, alone or among *several*."""
        slot, position = (option.id, option.position) if several else ("", 0)
        plain = cls.of_text(option.name)
        return cls(plain.value, plain.key, plain.search_text, option.id, slot, position)


@dataclass(frozen=True)
class Asked:
    """A field with its options, where its value stands in the input, and whose phones are read."""

    field: CustomField
    options: Sequence[CustomFieldOption]
    place: Place
    locale: Locale


def parse(problems: Problems, asked: Asked, given: Any) -> list[Parsed]:
    """The rows that *given* (JSON, its fractions as Decimal, not null) is kept as.

    None for an empty text or list, which is no value, and for what was refused: that goes to
    *problems*.
    """
    return list(_PARSERS[asked.field.type](problems, asked, given))


def _text(problems: Problems, asked: Asked, given: Any) -> Iterator[Parsed]:
    text = _string(problems, asked, given, _A_TEXT_SENTENCE)
    found = texts.clean(problems, asked.place, text, most=TEXT_LENGTH, lines=True)
    if found:
        yield Parsed.of_text(found)


def _number(problems: Problems, asked: Asked, given: Any) -> Iterator[Parsed]:
    if isinstance(given, str) and not given.strip():
        return
    number = written_number(given) if isinstance(given, str) else None
    if isinstance(given, (int, Decimal)) and not isinstance(given, bool):
        number = Decimal(given)
    if number is None:
        problems.add(asked.place, ErrorCode.INVALID, _A_NUMBER_SENTENCE, example="1250.50")
        return
    exponent = cast("int", number.as_tuple().exponent)
    if (number and number.adjusted() >= WHOLE_DIGITS) or not -DECIMALS <= exponent <= WHOLE_DIGITS:
        problems.add(
            asked.place,
            ErrorCode.INVALID,
            "A number has at most {whole} digits before the point and {decimals} after it.",
            whole=WHOLE_DIGITS,
            decimals=DECIMALS,
        )
        return
    written = f"{number or abs(number):f}"
    yield Parsed(written, number_key(number), written)


def _date(problems: Problems, asked: Asked, given: Any) -> Iterator[Parsed]:
    text = _string(problems, asked, given, _A_DATE_SENTENCE, example="2026-11-24")
    if text is None:
        return
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # Python reads other forms as well, such as a week's days.
    if day is None or day.isoformat() != text:
        problems.add(asked.place, ErrorCode.INVALID, _A_DATE_SENTENCE, example="2026-11-24")
    else:
        yield Parsed.of_text(text)


def _checkbox(problems: Problems, asked: Asked, given: Any) -> Iterator[Parsed]:
    if isinstance(given, bool):
        yield Parsed("true" if given else "false", checkbox_key(given), "")
    else:
        problems.add(asked.place, ErrorCode.INVALID, "This field takes true or false.")


def _email(problems: Problems, asked: Asked, given: Any) -> Iterator[Parsed]:
    text = _string(problems, asked, given, _A_TEXT_SENTENCE)
    address = texts.email(problems, asked.place, text)
    if address is not None:
        yield Parsed.of_text(address.text)


def _phone(problems: Problems, asked: Asked, given: Any) -> Iterator[Parsed]:
    text = _string(problems, asked, given, _A_TEXT_SENTENCE)
    number = None if text is None else texts.phone(problems, asked.place, text, asked.locale)
    if number is not None:
        yield Parsed.of_text(number)


def _url(problems: Problems, asked: Asked, given: Any) -> Iterator[Parsed]:
    text = _string(problems, asked, given, _A_TEXT_SENTENCE)
    found = texts.clean(problems, asked.place, text, most=TEXT_LENGTH)
    if found is None:
        return
    try:
        parts = urlsplit(found)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # A port, or an address in brackets, that is none.
        good = False
        parts = None
    # What stands before an @ reads like the site's name, and is not.
    if not good or parts is None or "@" in parts.netloc or any(map(str.isspace, found)):
        problems.add(asked.place, ErrorCode.INVALID, _A_URL_SENTENCE)
    else:
        yield Parsed.of_text(found)


def _select(problems: Problems, asked: Asked, given: Any) -> Iterator[Parsed]:
    text = _string(problems, asked, given, _A_TEXT_SENTENCE)
    option = None if text is None else _option(problems, asked, asked.place, text)
    if option is not None:
        yield Parsed.of_option(option, several=False)


def _multi_select(problems: Problems, asked: Asked, given: Any) -> Iterator[Parsed]:
    names: list[Any] = cast("list[Any]", given) if isinstance(given, list) else [None]
    if not all(isinstance(name, str) for name in names):
        problems.add(
            asked.place, ErrorCode.INVALID, "This field takes a list of its options' names."
        )
        return
    if len(names) > len(asked.options):
        names = list(dict.fromkeys(names))[: len(asked.options) + 1]
    chosen: dict[str, CustomFieldOption] = {}
    for position, name in enumerate(names):
        option = _option(problems, asked, (*asked.place, position), name)
        if option is not None:
            chosen[option.id] = option
    yield from (Parsed.of_option(option, several=True) for option in chosen.values())


def _option(problems: Problems, asked: Asked, place: Place, name: str) -> CustomFieldOption | None:
    wanted = fold(name)
    found = next((each for each in asked.options if each.name_key == wanted), None)
    if found is None:
        problems.add(
            place,
            ErrorCode.INVALID,
            "“{name}” is none of the options: {options}.",
            name=name[:100],
            options=", ".join(option.name for option in asked.options),
        )
    return found


def _string(
    problems: Problems, asked: Asked, given: Any, sentence: str, **values: str
) -> str | None:
    """The text that *given* is, trimmed; None for an empty one, and for anything else, refused."""
    if isinstance(given, str):
        return texts.tidy(given) or None
    problems.add(asked.place, ErrorCode.INVALID, sentence, **values)
    return None


_PARSERS: dict[CustomFieldType, Callable[[Problems, Asked, Any], Iterator[Parsed]]] = {
    CustomFieldType.TEXT: _text,
    CustomFieldType.NUMBER: _number,
    CustomFieldType.DATE: _date,
    CustomFieldType.CHECKBOX: _checkbox,
    CustomFieldType.EMAIL: _email,
    CustomFieldType.PHONE: _phone,
    CustomFieldType.URL: _url,
    CustomFieldType.SELECT: _select,
    CustomFieldType.MULTI_SELECT: _multi_select,
}
