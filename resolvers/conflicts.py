"""A constraint that the database enforced, in the words of the API."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from resolvers.refusal import ErrorCode, Refused, refuse


def refusal_of(error: IntegrityError) -> Refused:
    """What the caller can mend about *error*; where nothing fits, *error* is raised again."""
    text = str(error.orig)
    if "external_reference" in text:
        return refuse(
            ("external_reference",),
            ErrorCode.TAKEN,
            "Another one of the firm has this external reference already.",
        )
    if "firm_has_owner" in text:
        return refuse(("role",), ErrorCode.LAST_OWNER, "A firm needs at least one owner.")
    if "account_has_contact" in text:
        return refuse(("id",), ErrorCode.LAST_CONTACT, "An account needs at least one contact.")
    if "login_needs_email" in text:
        return refuse(
            ("login",), ErrorCode.EMAIL_MISSING, "LOGIN needs an e-mail address at the contact."
        )
    if "uq_account_contacts" in text or "account_contacts.account_id" in text:
        return refuse(
            ("contact", "id"), ErrorCode.CONFLICT, "This contact is in the account already."
        )
    raise error
