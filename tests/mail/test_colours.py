"""A firm may choose any colour: what is written in it or on it can be read."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mail.colours import DEFAULT, READABLE, accent, contrast

LIGHT, DARK = "#ffffff", "#1f2429"
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
@example("#ffffff")
@example("#000000")
@example("#ffff00")
@example("#767676")
def test_every_colour_is_readable_in_each_of_its_uses(colour: str) -> None:
    made = accent(colour)
    assert made.fill == colour
    assert made.label in (LIGHT, DARK)
    # The better of the two is never below this, whatever lies beneath.
    assert contrast(made.label, made.fill) >= 3.9
    assert contrast(made.on_light, LIGHT) >= READABLE
    assert contrast(made.on_dark, DARK) >= READABLE


@pytest.mark.parametrize("colour", ["#1f6f61", "#0b5cad", "#7a1f3d"])
def test_a_colour_that_can_be_read_as_it_is_stays(colour: str) -> None:
    assert accent(colour).on_light == colour
    assert accent(colour).label == LIGHT


@pytest.mark.parametrize(
    "colour", [None, "", "red", "#fff", "#12345", "#1234567", "#12345g", "#123456;", "\n#123456"]
)
def test_what_is_no_colour_is_the_default(colour: str | None) -> None:
    assert accent(colour) == accent(DEFAULT)


def test_contrast_is_the_one_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#abcdef", "#abcdef") == 1
