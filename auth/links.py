"""Signed links: what stands in the address that a mail carries.

A token proves that this deployment made it, for one purpose, one firm and one row. It proves
nothing else: expiry, single use and revocation live on the row that it names. Whoever reads a
link compares `Link.counter` with the row's (an older link of the same row is dead), and asks the
row whether it has expired or was used. Nothing may hang on the token's text or its hash.
"""

import hashlib
import hmac
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode


class Purpose(StrEnum):
    """What a link is for. The value is part of the salt: changing it kills every link sent."""

    INVITATION = "invitation"
    RESET = "reset"
    SIGN_UP = "sign-up"
    MEMBER = "member"


_SUBJECT_PREFIXES = {
    Purpose.INVITATION: "inv",
    Purpose.RESET: "rst",
    Purpose.SIGN_UP: "sgn",
    Purpose.MEMBER: "minv",
}

_SHORTEST_KEY = 32
# The firm's UUID, the subject's UUID, the counter: 36 bytes, 48 base64 characters.
_PAYLOAD = struct.Struct(">16s16sI")
# Payload and a SHA-256 signature. No padding, no whitespace, nothing outside the alphabet.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{48}\.[A-Za-z0-9_-]{43}")
_LARGEST_COUNTER = 2**32 - 1


@dataclass(frozen=True)
class Link:
    """What a token says: `subject_id` is the id of the row behind it, of a table by purpose."""

    purpose: Purpose
    firm_id: str
    subject_id: str
    counter: int


class LinkInvalid(Exception):
    """The token is not one that we made for this purpose. Says no more, on purpose."""


class Links:
    """Signs and reads links with a list of keys.

    The first key signs, all of them read: a new key is put in front, and an old one is taken
    off the end when its links have expired.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: newest first.

        Raises ValueError for an empty list or a key of fewer than 32 characters.
        """
        if not keys:
            raise ValueError("At least one key is needed to sign links.")
        if any(len(key) < _SHORTEST_KEY for key in keys):
            raise ValueError(f"Each key must have {_SHORTEST_KEY} characters or more.")
        # itsdangerous signs with the last key of its list.
        oldest_first = list(reversed(keys))
        self._signers = {purpose: _signer(oldest_first, purpose) for purpose in Purpose}

    def sign(self, link: Link) -> str:
        """The token: 92 characters that are safe in an address.

        Raises ValueError when an id is not of the purpose's kind, or the counter does not fit
        into four bytes.
        """
        if not 0 <= link.counter <= _LARGEST_COUNTER:
            raise ValueError("The counter of a link is a number from 0 to 4294967295.")
        payload = _PAYLOAD.pack(
            _uuid_in(link.firm_id, "firm"),
            _uuid_in(link.subject_id, _SUBJECT_PREFIXES[link.purpose]),
            link.counter,
        )
        return self._signers[link.purpose].sign(base64_encode(payload)).decode("ascii")

    def read(self, purpose: Purpose, token: str) -> Link:
        """The link that `token` was made from.

        Raises LinkInvalid for everything that is not, character by character, a token made by
        `sign` for this purpose with one of the keys.
        """
        if _TOKEN.fullmatch(token) is None:
            raise LinkInvalid
        try:
            encoded = self._signers[purpose].unsign(token)
        except BadSignature:
            raise LinkInvalid from None
        # The last character of the signature has two bits that decoding ignores, so that four
        # spellings verify. We made one of them.
        signature = token.rpartition(".")[2]
        if not hmac.compare_digest(
            base64_encode(base64_decode(signature)), signature.encode("ascii")
        ):
            raise LinkInvalid
        firm, subject, counter = _PAYLOAD.unpack(base64_decode(encoded))
        return Link(
            purpose, f"firm_{firm.hex()}", f"{_SUBJECT_PREFIXES[purpose]}_{subject.hex()}", counter
        )


def _signer(oldest_first: list[str], purpose: Purpose) -> Signer:
    return Signer(
        oldest_first,
        salt=f"mandant/{purpose.value}/v1",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )


def _uuid_in(identifier: str, prefix: str) -> bytes:
    if re.fullmatch(f"{prefix}_[0-9a-f]{{32}}", identifier) is None:
        raise ValueError(f"A link needs an id that starts with {prefix}_.")
    return bytes.fromhex(identifier.removeprefix(f"{prefix}_"))
