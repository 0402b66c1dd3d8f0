"""What people type: trimmed, normalised, and refused where it could deceive or break something."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import email_validator
import phonenumbers

from models.enums import Locale
from resolvers.refusal import ErrorCode, Place, Problems

# Firms try things out with .test and .local addresses, and some have an intranet.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

NAME_LENGTH = 200
REFERENCE_LENGTH = 100
MESSAGE_LENGTH = 2000

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"})
"""Controls, direction marks and other invisible format characters, half surrogates,
line separators, and what Unicode has not assigned."""

ADDRESS_LINES = ("street", "street2", "postal_code", "city", "region")


def tidy(text: str) -> str:
    """*text* in NFC without white space around it."""
    return unicodedata.normalize("NFC", text).strip()


def invisible(text: str, *, allowed: str = "") -> list[str]:
    """The characters of *text* that cannot be seen, each as U+0007."""
    found = {c for c in text if unicodedata.category(c) in _INVISIBLE and c not in allowed}
    return [f"U+{ord(c):04X}" for c in sorted(found)]


def clean(
    problems: Problems,
    place: Place,
    text: str | None,
    *,
    most: int = NAME_LENGTH,
    lines: bool = False,
) -> str | None:
    """*text* in NFC without white space around it; None for nothing or for a refused one.

    Refuses more than *most* characters, and invisible characters (with *lines*, line
    breaks and tabs may stand in it).
    """
    if text is None:
        return None
    found = tidy(text)
    if lines:
        found = found.replace("\r\n", "\n").replace("\r", "\n")
    strange = invisible(found, allowed="\n\t" if lines else "")
    if strange:
        problems.add(
            place,
            ErrorCode.FORBIDDEN_CHARACTERS,
            "Characters that cannot be seen are not allowed here: {characters}.",
            characters=", ".join(strange),
        )
        return None
    if len(found) > most:
        problems.add(place, ErrorCode.TOO_LONG, "At most {most} characters fit in here.", most=most)
        return None
    return found or None


@dataclass(frozen=True)
class EmailAddress:
    """*text* is written to; *key* decides whether two addresses are one."""

    text: str
    key: str


def parse_email(text: str) -> EmailAddress | None:
    """The address in *text*; None where it is none.

    The key lowers ASCII letters alone and takes the domain in its ASCII form: other
    letters that look or fold alike (a Cyrillic i, full-width letters) stay apart, so that
    nobody enters by an address that only resembles another.
    """
    # A Kelvin sign is a K in NFC, and the address would be somebody else's.
    if any(not c.isascii() and unicodedata.normalize("NFC", c).isascii() for c in text.strip()):
        return None
    try:
        parsed = email_validator.validate_email(text.strip(), check_deliverability=False)
    except email_validator.EmailNotValidError:
        return None
    local = parsed.local_part.encode().lower().decode()
    return EmailAddress(parsed.normalized, f"{local}@{parsed.ascii_domain.lower()}")


def email(problems: Problems, place: Place, text: str | None) -> EmailAddress | None:
    """The address in *text*, or None for nothing or a refused one."""
    if text is None or not text.strip():
        return None
    found = parse_email(text)
    if found is None:
        problems.add(place, ErrorCode.INVALID_EMAIL, "This is not an e-mail address.")
    return found


def phone(problems: Problems, place: Place, text: str, locale: Locale) -> str | None:
    """The number in E.164; one without a country's prefix is read as German at a German firm."""
    try:
        number = phonenumbers.parse(text, "DE" if locale is Locale.DE else None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        problems.add(
            place,
            ErrorCode.INVALID_PHONE,
            "This is not a telephone number. Give it with its country, such as +49 30 123456.",
        )
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def address(
    problems: Problems, place: Place, given: Mapping[str, Any] | None
) -> dict[str, str | None] | None:
    """The postal address in *given*, or None where nothing is filled in."""
    if given is None:
        return None
    lines = {name: clean(problems, (*place, name), given.get(name)) for name in ADDRESS_LINES}
    country = given.get("country")
    if country is not None and country.strip():
        lines["country"] = country.strip().upper()
        if lines["country"] not in phonenumbers.SUPPORTED_REGIONS:
            problems.add(
                (*place, "country"),
                ErrorCode.INVALID,
                "A country is its two letters from ISO 3166-1, such as DE.",
            )
    else:
        lines["country"] = None
    return lines if any(lines.values()) else None
