"""A firm's colour, made legible: contrast as WCAG 2.2 measures it (1.4.3), by day and by night."""

from __future__ import annotations

import re

BLACK, WHITE = "#000000", "#ffffff"
LEGIBLE = 4.5
_SHEETS = {"light": WHITE, "dark": "#1f2429"}
_PAGES = {"light": "#f4f5f6", "dark": "#16191d"}
_TINTS = {"light": 0.08, "dark": 0.14}

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminance, 1 (none) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read on *colour*; at least 4.58 : 1."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, colour))


def legible(colour: str, towards: str, *grounds: str) -> str:
    """*colour*, moved *towards* black or white as little as makes it a text on all *grounds*."""
    for step in range(101):
        moved = _mix(colour, towards, step / 100)
        if all(contrast(moved, ground) >= LEGIBLE for ground in grounds):
            return moved
    return towards


def stylesheet(colour: str) -> str:
    """The custom properties that give the pages *colour*, a `#rrggbb`.

    Raises ValueError for anything else.
    """
    if not _COLOUR.fullmatch(colour):
        raise ValueError("A colour is written as #rrggbb.")
    light, dark = (_properties(colour, mode) for mode in ("light", "dark"))
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def _properties(colour: str, mode: str) -> str:
    wash = _mix(_SHEETS[mode], colour, _TINTS[mode])
    towards = BLACK if mode == "light" else WHITE
    words = legible(colour, towards, _SHEETS[mode], _PAGES[mode], wash)
    # By night a button shines as its words do: the firm's own colour may be as dark as the page.
    accent = colour if mode == "light" else words
    return f"--accent:{accent};--on-accent:{ink_on(accent)};--accent-words:{words};--wash:{wash}"


def _mix(colour: str, other: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def _luminance(colour: str) -> float:
    """WCAG's relative luminance, from sRGB."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    ]
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
