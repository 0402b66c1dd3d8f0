"""What each type makes of any JSON at all: a value that reads as it was meant, or a refusal."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import CustomField, CustomFieldOption
from models.enums import CustomFieldType, Locale
from models.folding import fold
from resolvers.custom_keys import highest_key, keys_of, lowest_key, number_key, text_key
from resolvers.custom_parsing import Asked, Parsed, parse
from resolvers.refusal import Problems

OPTIONS = [
    CustomFieldOption(id=f"copt_{place}", name=name, name_key=fold(name), position=place)
    for place, name in enumerate(["Öl", "Gas", "Holz"])
]
NUMBERS = st.decimals(-(10**15) + 1, 10**15 - 1, places=10, allow_nan=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text() | st.sampled_from(["Öl", "2026-01-01", "https://a.test", "+4930123456", "1.5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)  # fmt: skip


def read(kind: CustomFieldType, value: Any) -> tuple[list[Parsed], list[str]]:
    """What is kept of a value, and the codes of what is refused."""
    problems = Problems()
    asked = Asked(CustomField(type=kind), OPTIONS, ("value",), Locale.EN)
    kept = parse(problems, asked, value)
    return kept, [refusal.code for refusal in problems._found]


def kept(kind: CustomFieldType, value: Any) -> Parsed:
    found, refused = read(kind, value)
    assert not refused
    (one,) = found
    return one


@pytest.mark.parametrize("kind", CustomFieldType)
@given(value=JSON.filter(lambda value: value is not None))
def test_any_value_is_kept_as_json_that_reads_the_same_again_or_refused(
    kind: CustomFieldType, value: Any
) -> None:
    found, refused = read(kind, value)
    assert not (found and refused) or kind is CustomFieldType.MULTI_SELECT
    shown = [orjson.loads(one.value) for one in found]
    if found and not refused:
        again = [Decimal(found[0].value)] if kind is CustomFieldType.NUMBER else shown
        value = again if kind is CustomFieldType.MULTI_SELECT else again[0]
        assert read(kind, value) == (found, [])
        for one in found:
            assert len(one.key) <= 200 and len(one.key.encode()) <= 900


@given(number=NUMBERS)
def test_a_number_is_the_same_number_in_every_digit(number: Decimal) -> None:
    one = kept(CustomFieldType.NUMBER, number)
    assert Decimal(one.value) == number
    assert number == 0 or one.value == f"{number:f}"
    assert kept(CustomFieldType.NUMBER, one.value) == one
    assert one.key in keys_of(number) and one.key in keys_of(one.value)


@given(first=NUMBERS, second=NUMBERS)
def test_numbers_keys_are_ordered_as_numbers_are(first: Decimal, second: Decimal) -> None:
    one, other = number_key(first), number_key(second)
    assert (one < other, one == other) == (first < second, first == second)
    assert (lowest_key(second) <= one) == (second <= first)
    assert (one <= highest_key(second)) == (first <= second)


@given(number=NUMBERS, bound=st.decimals(allow_nan=False, allow_infinity=False))
def test_any_number_is_a_bound(number: Decimal, bound: Decimal) -> None:
    key = number_key(number)
    assert (lowest_key(bound) <= key) == (bound <= number) or abs(bound) >= 10**15
    assert (key <= highest_key(bound)) == (number <= bound) or abs(bound) >= 10**15


@given(day=st.dates())
def test_a_day_is_a_day(day: date) -> None:
    assert orjson.loads(kept(CustomFieldType.DATE, day.isoformat()).value) == day.isoformat()


@given(text=st.text(max_size=12) | st.from_regex(r"\d{4}-\d{2}-\d{2}", fullmatch=True))
def test_what_is_no_day_is_refused(text: str) -> None:
    found, refused = read(CustomFieldType.DATE, text)
    if found:
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", orjson.loads(found[0].value))
    else:
        assert refused or not text.strip()


@given(text=st.text(max_size=30))
def test_an_address_on_the_web_leads_to_the_web(text: str) -> None:
    for start in ("", "http://", "HTTPS://", "javascript:", "//", "https:/"):
        found, _ = read(CustomFieldType.URL, start + text)
        for one in found:
            assert re.match(r"https?://[^/?#\s@]", orjson.loads(one.value), re.IGNORECASE)


@given(text=st.text("0123456789+ ()-/ax", max_size=20))
def test_a_telephone_number_is_kept_as_e164(text: str) -> None:
    for one in read(CustomFieldType.PHONE, text)[0]:
        assert re.fullmatch(r"\+[1-9]\d{1,14}", number := orjson.loads(one.value))
        assert phonenumbers.is_possible_number(phonenumbers.parse(number))


@given(text=st.text(max_size=300), other=st.text(max_size=300))
def test_texts_are_equal_by_their_keys_as_they_are_folded(text: str, other: str) -> None:
    assert (text_key(text) == text_key(other)) == (fold(text) == fold(other))


@given(chosen=st.lists(st.sampled_from(["öl", "GAS", "Holz", "Kohle"]), max_size=6))
def test_options_are_chosen_once_each(chosen: list[str]) -> None:
    found, refused = read(CustomFieldType.MULTI_SELECT, chosen)
    assert bool(refused) == ("Kohle" in chosen)
    assert len({one.option_id for one in found}) == len(found)
    if not refused:
        assert {one.option_id for one in found} == {
            option.id for option in OPTIONS if option.name_key in map(fold, chosen)
        }
