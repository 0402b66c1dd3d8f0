"""A firm's colour, made readable: on a button, and as text on light and on dark paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

DEFAULT: Final = "#1f6f61"
READABLE: Final = 4.5
"""The contrast that text needs (WCAG 2.2, 1.4.3)."""

_LIGHT: Final = "#ffffff"
_DARK: Final = "#1f2429"
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


@dataclass(frozen=True)
class Accent:
    """One colour in its uses, each as `#rrggbb`."""

    fill: str
    """The colour itself: behind a button's label, and as a line."""
    label: str
    """What is written on it."""
    on_light: str
    """The colour as text on a white sheet: darker, where it has to be."""
    on_dark: str
    """The same on a dark sheet: lighter."""


def accent(colour: str | None) -> Accent:
    """The uses of *colour* (`#rrggbb`); of the default for None, and for what is no colour."""
    fill = colour if colour and _COLOUR.fullmatch(colour) else DEFAULT
    return Accent(
        fill=fill,
        label=max((_LIGHT, _DARK), key=lambda ink: contrast(ink, fill)),
        on_light=readable(fill, "#000000", _LIGHT),
        on_dark=readable(fill, "#ffffff", _DARK),
    )


def contrast(one: str, other: str) -> float:
    """How well the one is read on the other, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, end: str, *papers: str) -> str:
    """*colour*, mixed with as little of *end* (black or white) as makes it readable on *papers*."""
    tried = (mixed(colour, end, step / 20) for step in range(21))
    return next(
        each for each in tried if all(contrast(each, paper) >= READABLE for paper in papers)
    )


def mixed(colour: str, end: str, share: float) -> str:
    """*colour* with a *share* of *end*, from 0 to 1."""
    parts = zip(_channels(colour), _channels(end), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
