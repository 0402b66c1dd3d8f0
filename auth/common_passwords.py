"""Whether a whole password is one of those that are tried first.

The password is cut into the pieces that make it cheapest to guess: a listed word, a run over the
keyboard or the alphabet, a repetition, a year, or a single character. What that costs is
counted in powers of ten of guesses, as zxcvbn does it (Wheeler, USENIX Security 2016), with
zxcvbn's lists. Its own estimate is not used: it takes 0.7 s for 40 characters of which each
could stand for a letter, knows neither German nor its keyboard, and reads only 72 characters.
"""

import math
import re
from collections.abc import Iterator
from itertools import chain

from zxcvbn.frequency_lists import FREQUENCY_LISTS

# A password that falls within a million guesses is a listed one, dressed up.
_TOO_CHEAP = 6.0

# In powers of ten.
_CHARACTER = 1.0
_RUN = 2.0
_YEAR = 2.0
_COPY = 0.5
_DISGUISE = 0.3
# For each piece: which kind it is, and in what order they stand.
_PIECE = 0.4

_SHORTEST_WORD = 2
_SHORTEST_RUN = 3
_FARTHEST_COPY = 32
_YEARS = re.compile(r"(?:19|20)[0-9]{2}")

# What a firm's people and clients also try first, and zxcvbn's lists lack or rank low.
_ALSO_COMMON = (
    *("passwort", "kennwort", "hallo", "schatz", "willkommen", "geheim", "geheimnis", "sommer"),
    *("winter", "herbst", "frühling", "ichliebedich", "liebe", "schatzi", "engel", "arschloch"),
    *("fussball", "deutschland", "berlin", "hamburg", "münchen", "frankfurt", "dortmund"),
    *("schalke", "bayern", "steuer", "steuerberater", "kanzlei", "anmeldung", "zugang"),
    *("administrator", "accountant", "taxadviser"),
)
_THEIR_RANK = 10

_PATHS = (
    *("abcdefghijklmnopqrstuvwxyz" * 2, "1234567890" * 2),
    *("qwertzuiopü", "asdfghjklöä", "yxcvbnm,.-"),
    *("qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "azertyuiop", "qsdfghjklm", "wxcvbn"),
    *("1q2w3e4r5t6z7u8i9o0p", "q1w2e3r4t5z6u7i8o9p0", "1qay2wsx3edc4rfv5tgb6zhn7ujm"),
    *("1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qaz2wsx3edc4rfv5tgb6yhn7ujm"),
    *("qazwsxedcrfvtgbyhnujm", "qaywsxedcrfvtgbzhnujm", '!"§$%&/()=', "!@#$%^&*()"),
)
_RUNS = tuple(run for path in _PATHS for run in (path, path[::-1]))

# 1, ! and | stand for i or for l.
_DISGUISES = tuple(
    str.maketrans("4@8({3690$5+7%21!|", "aabccegqossttxz" + 3 * letter) for letter in "il"
)


def _best_ranks() -> dict[str, int]:
    ranks = dict.fromkeys(_ALSO_COMMON, _THEIR_RANK)
    for words in FREQUENCY_LISTS.values():
        for rank, word in enumerate(words, 1):
            if len(word) >= _SHORTEST_WORD:
                ranks[word] = min(rank, ranks.get(word, rank))
    return ranks


_RANKS = _best_ranks()
_LONGEST_WORD = max(map(len, _RANKS))


def is_common(password: str) -> bool:
    """Whether `password` is made of common pieces alone, or nearly so.

    Upper case and the usual stand-ins for letters (`P@ssw0rd`) hide nothing; reading backwards
    neither.
    """
    text = password.lower()
    return min(_guesses(text), _guesses(text[::-1])) < _TOO_CHEAP


def _guesses(text: str) -> float:
    """The cheapest cut of `text`, or anything from _TOO_CHEAP on when there is none below it."""
    disguised = [text.translate(table) for table in _DISGUISES]
    copied = _copied(text)
    cheapest = [math.inf] * (len(text) + 1)
    cheapest[0] = 0.0
    for start in range(len(text)):
        cost = cheapest[start]
        if cost >= _TOO_CHEAP:
            continue
        for end, more in chain(
            [(start + 1, _CHARACTER)],
            _words(text, start, 0.0),
            *(_words(plain, start, _DISGUISE) for plain in disguised),
            _runs(text, start),
            _years(text, start),
            ((start + length, _COPY + _PIECE) for length in range(1, copied[start] + 1)),
        ):
            cheapest[end] = min(cheapest[end], cost + more)
    return cheapest[-1]


def _words(text: str, start: int, disguise: float) -> Iterator[tuple[int, float]]:
    for end in range(start + _SHORTEST_WORD, min(start + _LONGEST_WORD, len(text)) + 1):
        rank = _RANKS.get(text[start:end])
        if rank is not None:
            yield end, math.log10(rank) + disguise + _PIECE


def _runs(text: str, start: int) -> Iterator[tuple[int, float]]:
    for run in _RUNS:
        end = start + _SHORTEST_RUN
        while end <= len(text) and text[start:end] in run:
            yield end, _RUN + _PIECE
            end += 1


def _years(text: str, start: int) -> Iterator[tuple[int, float]]:
    found = _YEARS.match(text, start)
    if found is not None:
        yield found.end(), _YEAR + _PIECE


def _copied(text: str) -> list[int]:
    """For each place, how many characters from there on repeat what stands shortly before it."""
    longest = [0] * len(text)
    for distance in range(1, min(_FARTHEST_COPY, len(text)) + 1):
        length = 0
        for place in range(len(text) - 1, distance - 1, -1):
            length = length + 1 if text[place] == text[place - distance] else 0
            longest[place] = max(longest[place], length)
    return longest
