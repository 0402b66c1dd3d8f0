"""Whatever colour a firm chooses: everybody can read what is written in it and on it."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mail.colours import contrast
from portal.colours import WHITE, ink_on, stylesheet

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
GROUNDS = {"light": (WHITE, "#f4f5f6"), "dark": ("#1f2429", "#16191d")}


@given(COLOURS)
@example("#ffffff")
@example("#000000")
@example("#ffff00")
def test_every_colour_can_be_read(colour: str) -> None:
    assert contrast(ink_on(colour), colour) >= 4.5
    for mode, text in zip(GROUNDS, stylesheet(colour).split("@media"), strict=True):
        found = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", text))
        assert contrast(found["on-accent"], found["accent"]) >= 4.5
        for ground in (*GROUNDS[mode], found["wash"]):
            assert contrast(found["accent-words"], ground) >= 4.5, (mode, ground)
        if mode == "light":
            assert found["accent"] == colour


@pytest.mark.parametrize("text", ["", "#fff", "red", "#12345g", "#123456;}*{", "123456"])
def test_what_is_no_colour_makes_no_stylesheet(text: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        stylesheet(text)
