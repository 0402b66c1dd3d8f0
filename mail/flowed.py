"""Text as mails carry it: short lines, which a reader that can flows again (RFC 3676)."""

from __future__ import annotations

from textwrap import wrap
from typing import Final

WIDTH: Final = 72
"""Columns. A longer word (an address of the web, say) stands on a line of its own, whole."""
_STUFFED: Final = (" ", ">", "From ")


def flowed(text: str) -> str:
    """A paragraph, in lines that end with a space where it goes on."""
    return " \n".join(f" {line}" if line.startswith(_STUFFED) else line for line in _lines(text))


def quoted(text: str) -> str:
    """The same behind `>`, for somebody else's words; their line breaks stay."""
    return "\n".join(
        " \n".join(f"> {line}" for line in _lines(paragraph)) for paragraph in text.split("\n")
    )


def _lines(paragraph: str) -> list[str]:
    return wrap(paragraph, WIDTH - 3, break_long_words=False, break_on_hyphens=False) or [""]
