"""Text made comparable: what lists are ordered by and searched in, on both databases alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Letters with a stroke and joined letters, which Unicode does not take apart.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "þ": "th"}
    | {"æ": "ae", "œ": "oe"}
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def fold(text: str) -> str:
    """*text* without case, accents and runs of white space: `Größe  Ä` becomes `grosse a`."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(character for character in bare if not unicodedata.combining(character))
    return " ".join(unicodedata.normalize("NFKC", kept).translate(_PLAIN).split())


def search_text(parts: Iterable[str | None]) -> str:
    """What a search looks through: the folded parts, a line each.

    An umlaut is there twice, as a reader without one types it: `muller` and `mueller`.
    """
    lines: dict[str, None] = {}
    for part in parts:
        if part:
            lines[fold(part)] = None
            german = unicodedata.normalize("NFC", part).casefold().translate(_GERMAN)
            lines[fold(german)] = None
    return "\n".join(lines)


LONGEST_SEARCH = 500
"""Characters; what comes after them is left out."""

# Some digits, with what people put between and around those of a telephone number.
_TELEPHONE = re.compile(r"[+(]*[0-9][0-9()/.\-]*")


def words(text: str, *, most: int = 8) -> list[list[str]]:
    """The folded words of a search, the first *most* of them, each in every spelling that will do.

    A number is also looked for as telephone numbers are kept: +49 30 123456 is found by
    030/123456 and by (0)30 as well.
    """
    return [_spellings(word) for word in fold(text[:LONGEST_SEARCH]).split()[:most]]


def _spellings(word: str) -> list[str]:
    if not _TELEPHONE.fullmatch(word):
        return [word]
    dialled = word.replace("(0)", "") if word.startswith("+") else word
    digits = re.sub("[^0-9]", "", dialled).lstrip("0")
    return [word, digits] if len(digits) > 1 and digits != word else [word]


def like(word: str) -> str:
    r"""The LIKE pattern (escaped by `\`) that finds *word* anywhere, taken literally."""
    escaped = word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
