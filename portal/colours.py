"""A firm's colour on its pages: by day and by night, on buttons and as words."""

from __future__ import annotations

import re
from typing import Final

from mail.colours import contrast, mixed, readable

BLACK: Final = "#000000"
WHITE: Final = "#ffffff"
_SHEETS = {"light": WHITE, "dark": "#1f2429"}
_PAGES = {"light": "#f4f5f6", "dark": "#16191d"}
_TINTS = {"light": 0.08, "dark": 0.14}

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read on *colour*; at least 4.58 : 1."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, colour))


def stylesheet(colour: str) -> str:
    """The custom properties that give the pages *colour*, a `#rrggbb`.

    Raises ValueError for anything else.
    """
    if not _COLOUR.fullmatch(colour):
        raise ValueError("A colour is written as #rrggbb.")
    light, dark = (_properties(colour, mode) for mode in ("light", "dark"))
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def _properties(colour: str, mode: str) -> str:
    wash = mixed(_SHEETS[mode], colour, _TINTS[mode])
    towards = BLACK if mode == "light" else WHITE
    words = readable(colour, towards, _SHEETS[mode], _PAGES[mode], wash)
    # By night a button shines as its words do: the firm's own colour may be as dark as the page.
    accent = colour if mode == "light" else words
    return f"--accent:{accent};--on-accent:{ink_on(accent)};--accent-words:{words};--wash:{wash}"
