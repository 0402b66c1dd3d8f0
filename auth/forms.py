"""Signed forms: proof that a page of ours was shown to the browser that sends a form back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from itsdangerous import Signer


class Forms:
    """Signs a browser's nonce (its cookie) into the hidden field of each form, and checks it.

    Another site can neither read the field nor the cookie, so it cannot send one that fits the
    other. Source: OWASP, CSRF prevention cheat sheet, signed double-submit cookie.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: newest first; the first one signs, all of them verify.

        Raises ValueError for an empty list.
        """
        if not keys:
            raise ValueError("At least one key is needed to sign forms.")
        # itsdangerous signs with the last key of its list.
        self._signer = Signer(
            list(reversed(keys)),
            salt="mandant/form/v1",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )

    def sign(self, nonce: str) -> str:
        """The token for the forms of the browser that holds *nonce*."""
        return self._signer.get_signature(nonce).decode("ascii")

    def verify(self, nonce: str, token: str) -> bool:
        """Whether *token* was made for *nonce* with one of the keys."""
        if not (nonce.isascii() and token.isascii()):
            return False
        return self._signer.verify_signature(nonce, token)
