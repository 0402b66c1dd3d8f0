"""Refusals: what the caller can mend, each with its place in the input, a code and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from language import say
from models.enums import Locale


class ErrorCode(StrEnum):
    REQUIRED = "REQUIRED"
    INVALID = "INVALID"
    TOO_LONG = "TOO_LONG"
    TAKEN = "TAKEN"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_PHONE = "INVALID_PHONE"
    FORBIDDEN_CHARACTERS = "FORBIDDEN_CHARACTERS"
    WEAK_PASSWORD = "WEAK_PASSWORD"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    INVALID_CODE = "INVALID_CODE"
    SECOND_FACTOR_REQUIRED = "SECOND_FACTOR_REQUIRED"
    TOKEN_INVALID = "TOKEN_INVALID"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    TOKEN_USED = "TOKEN_USED"
    EMAIL_MISSING = "EMAIL_MISSING"
    LOGIN_OFF = "LOGIN_OFF"
    ALREADY_ACTIVE = "ALREADY_ACTIVE"
    SIGN_UP_CLOSED = "SIGN_UP_CLOSED"
    LAST_CONTACT = "LAST_CONTACT"
    LAST_OWNER = "LAST_OWNER"
    IN_USE = "IN_USE"
    LIMIT_REACHED = "LIMIT_REACHED"
    FORBIDDEN = "FORBIDDEN"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"


class AsGiven(str):
    """A step of a place that is no name, such as an id: it is told as it is."""

    __slots__ = ()


Place = tuple[str | int, ...]
"""A path in the input, in Python's names: ("contacts", 0, "contact", "new", "email")."""


@dataclass(frozen=True)
class Refusal:
    """One thing to mend. *sentence* is English with `{names}`, the catalogue's key."""

    place: Place
    code: ErrorCode
    sentence: str
    values: dict[str, Any] = field(default_factory=dict[str, Any])

    def message(self, locale: Locale) -> str:
        """The sentence in the caller's language."""
        return say(locale, self.sentence, **self.values)


class Refused(Exception):
    """Ends a use case: nothing is written. Carries everything that there is to mend."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = tuple(refusals)


class Problems:
    """Collects refusals, so that the caller sees all of them at once."""

    def __init__(self) -> None:
        self._found: list[Refusal] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, place: Place, code: ErrorCode, sentence: str, **values: Any) -> None:
        """Notes one refusal."""
        self._found.append(Refusal(place, code, sentence, values))

    def settle(self) -> None:
        """Raises Refused where anything was noted."""
        if self._found:
            raise Refused(self._found)


def refuse(place: Place, code: ErrorCode, sentence: str, **values: Any) -> Refused:
    """A single refusal, to be raised."""
    return Refused([Refusal(place, code, sentence, values)])
