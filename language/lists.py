"""Lists as people write them."""

from __future__ import annotations

from collections.abc import Sequence

from babel.lists import format_list

from language.dates import BABEL


def together(locale: str, words: Sequence[str]) -> str:
    """*words*, at least one, in a sentence: "Eva, Jan und Kim"."""
    return format_list(words, style="standard", locale=BABEL[locale])
