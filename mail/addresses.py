"""Addresses as mail servers take them: exactly one, and nothing else in it."""

from __future__ import annotations

import unicodedata

import email_validator

# Control and format characters (bidirectional overrides among them), surrogates, and the two
# separators that Python's e-mail package takes for line breaks.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class AddressInvalid(ValueError):
    """The text is not one address. Does not repeat it."""


def envelope_address(text: str) -> str:
    """The one address in *text*, its domain in ASCII (IDNA) where the local part is ASCII too.

    An address that is returned with other letters needs SMTPUTF8 (RFC 6531).
    Raises AddressInvalid for none, several, or one with something hidden in it.
    """
    try:
        found = email_validator.validate_email(
            text, check_deliverability=False, test_environment=True, globally_deliverable=False
        )
    except email_validator.EmailNotValidError:
        raise AddressInvalid("This is not an e-mail address.") from None
    return found.ascii_email or found.normalized


def one_line(text: str) -> str:
    """*text* as it may stand in a sentence: one line, nothing invisible."""
    return " ".join(visible(text, lines=False).split())


def in_header(text: str) -> str:
    """*text* as it may stand in a header: one line, and no encoded word (RFC 2047) in it.

    Python's e-mail package decodes what looks like one, and older ones write line breaks and
    commas that come out of it into the header as they are (CVE-2024-6923).
    """
    return one_line(text).replace("=?", "= ?")


def visible(text: str, *, lines: bool) -> str:
    """*text* without invisible characters; with *lines*, line breaks and tabs stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        text = text.replace("\n", " ").replace("\t", " ")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE)
