"""Links from mails: what one is good for, and how a dead one is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models import Firm
from resolvers.refusal import ErrorCode, Refused, refuse


class ActivationStatus(StrEnum):
    VALID = "VALID"
    EXPIRED = "EXPIRED"
    USED = "USED"
    REVOKED = "REVOKED"
    INVALID = "INVALID"


@dataclass(frozen=True, kw_only=True)
class Activation:
    """What a link is good for, and for whom. A dead link tells no more than its firm."""

    status: ActivationStatus
    # Whether the link is REVOKED because a newer one was sent, which may be asked for again.
    replaced: bool = False
    email: str | None = None
    first_name: str | None = None
    firm: Firm | None = None
    # None for a member's link, which opens no account.
    account_name: str | None = None
    expires_at: datetime | None = None


_SENTENCES: dict[ActivationStatus, tuple[ErrorCode, str]] = {
    ActivationStatus.INVALID: (
        ErrorCode.TOKEN_INVALID,
        "This link is not one of ours. Was it copied whole?",
    ),
    ActivationStatus.REVOKED: (
        ErrorCode.TOKEN_INVALID,
        "This link was replaced by a newer one, or taken back.",
    ),
    ActivationStatus.EXPIRED: (
        ErrorCode.TOKEN_EXPIRED,
        "This link is too old. You can ask for a fresh one.",
    ),
    ActivationStatus.USED: (
        ErrorCode.TOKEN_USED,
        "This link has been used. Sign in with your password.",
    ),
}


def refused_link(status: ActivationStatus) -> Refused:
    """The refusal of a link that is not VALID, to be raised."""
    code, sentence = _SENTENCES[status]
    return refuse(("token",), code, sentence)
