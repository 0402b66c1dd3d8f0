"""What a new password must be: long, and not one that somebody would guess.

The rules are NIST SP 800-63B-4's, 3.1.1.2: 15 characters where the password is all there is, no
composition rules, the whole password compared with what is common and with the person's own
words, and a reason given. Sentences for people are made elsewhere.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from auth.common_passwords import is_common
from auth.passwords import normalised

SHORTEST = 15
"""The fewest code points of a password, counted after NFC."""

_PRODUCT = ("mandant", "portal")
_SHORTEST_WORD = 3
_LEAST_OF_ONES_OWN = 8

# As German keyboards without umlauts write them; the other spelling drops the dots.
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


class Weakness(StrEnum):
    """Why a password is refused."""

    UNREADABLE = "UNREADABLE"
    """It holds a control character, a line separator, half a surrogate pair or U+FFFD: no field
    takes these back in the way they were given."""
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    PERSONAL = "PERSONAL"
    """It is made of the person's or the firm's own words."""
    COMMON = "COMMON"
    """It is made of passwords, keyboard runs and repetitions that are tried first."""


def weakness(password: str, *, personal: Iterable[str]) -> Weakness | None:
    """The first reason to refuse `password`, or None when it will do.

    `personal` are the texts that somebody would guess from: the person's name, their e-mail
    address, the firm's name and its slug. Takes less than 50 ms for whatever it is given.
    """
    text = normalised(password)
    if text is None:
        return Weakness.TOO_LONG
    if any(_unreadable(character) for character in text):
        return Weakness.UNREADABLE
    if len(text) < SHORTEST:
        return Weakness.TOO_SHORT
    if _is_personal(text, personal):
        return Weakness.PERSONAL
    if is_common(text):
        return Weakness.COMMON
    return None


def _unreadable(character: str) -> bool:
    return character == "\ufffd" or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}


def _is_personal(password: str, personal: Iterable[str]) -> bool:
    """Whether fewer than eight characters are left without own words, digits and separators."""
    text = _plain(password)
    own = [False] * len(text)
    for word in {*_PRODUCT, *(word for given in personal for word in _words(given))}:
        start = text.find(word)
        while start >= 0:
            own[start : start + len(word)] = [True] * len(word)
            start = text.find(word, start + 1)
    left = sum(
        not mine and not character.isnumeric() and not _separates(character)
        for character, mine in zip(text, own, strict=True)
    )
    return any(own) and left < _LEAST_OF_ONES_OWN


def _words(given: str) -> set[str]:
    """The words in a name, an address or a slug, and all of them written together."""
    found: set[str] = set()
    for spelling in (given, unicodedata.normalize("NFC", given).casefold().translate(_UMLAUTS)):
        parts = re.split(r"[\W_]+", _plain(spelling))
        found.update(parts)
        found.add("".join(parts))
    return {word for word in found if len(word) >= _SHORTEST_WORD}


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def _separates(character: str) -> bool:
    if character.isascii():
        return not character.isalnum()
    return unicodedata.category(character)[0] in "ZP"
