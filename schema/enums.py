"""The closed lists, with what each value means."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

import strawberry

from models.enums import (
    AccountStatus,
    AccountType,
    CreatedVia,
    CustomFieldTarget,
    CustomFieldType,
    DeliveryStatus,
    FolderAccess,
    InvitationStatus,
    Locale,
    MemberStatus,
    NotificationKind,
    Permission,
    PhoneType,
    PortalStatus,
    Role,
)
from resolvers.links import ActivationStatus
from resolvers.refusal import ErrorCode

E = TypeVar("E", bound=StrEnum)


def _describe(kind: type[E], description: str, **values: str) -> None:
    """Puts *kind* into the schema, each of its *values* with its meaning."""
    strawberry.enum(kind, description=description)
    definition = kind.__strawberry_definition__  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]
    for item in definition.values:  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        item.description = values.pop(item.name)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    if values:
        raise LookupError(f"{kind.__name__} has no {', '.join(values)}")


_describe(Locale, "A language that the product speaks.", DE="German.", EN="English.")
_describe(
    Role,
    "What a member is at the firm.",
    OWNER="May do everything; a firm has at least one.",
    ADMIN="May do everything but make owners.",
    EMPLOYEE="May do what the permissions say.",
)
_describe(
    MemberStatus,
    "Where a member stands.",
    INVITED="Was invited and has not set a password yet.",
    ACTIVE="Can sign in.",
    DEACTIVATED="Can no longer sign in.",
)
_describe(
    Permission,
    "What a member may do. Owners and admins have all of them.",
    VIEW_ALL_ACCOUNTS="See every account and contact. Without it a member sees the accounts that "
    "are assigned to them and the contacts in these, and nothing of any other.",
    MANAGE_ACCOUNTS="Create, change, archive, restore and delete accounts, and write to their "
    "contacts.",
    MANAGE_CONTACTS="Create, change and delete contacts.",
    MANAGE_PORTAL_ACCESS="Turn LOGIN, NOTIFY and SYNC on or off, invite and revoke.",
    MANAGE_TAGS="Create, change and delete tags.",
    MANAGE_CUSTOM_FIELDS="Define custom fields.",
    MANAGE_FOLDER_TEMPLATES="Define folder templates.",
    IMPORT="Bring accounts and contacts in from files.",
    EXPORT="Take accounts and contacts out in files.",
    MANAGE_MAIL="Change how the firm's mail is sent.",
    MANAGE_MEMBERS="Invite members, and change what they may do.",
    MANAGE_FIRM="Change the firm's settings.",
)
_describe(
    AccountType,
    "Whom an account is for.",
    INDIVIDUAL="A person or a family.",
    COMPANY="A company; only it has a company's name and address.",
    OTHER="Anything else.",
)
_describe(
    AccountStatus,
    "Whether an account is in use.",
    ACTIVE="In use.",
    ARCHIVED="Put away: it opens for nobody, and can be restored or deleted.",
)
_describe(
    CreatedVia,
    "How an account came to be.",
    MEMBER="A member created it.",
    IMPORT="It came from a file.",
    SIGN_UP="The client signed up.",
)
_describe(
    PortalStatus,
    "How far portal access has come, for a contact in an account or for the account as a whole.",
    OFF="LOGIN is off (for the account: for every contact), or the account is archived.",
    NOT_INVITED="LOGIN is on and no invitation was sent yet, or the last one was revoked.",
    PENDING="Invited; no password has been set yet.",
    ACTIVE="At least one contact has activated and can enter.",
)
_describe(
    InvitationStatus,
    "Where an invitation stands.",
    PENDING="Its newest link can be used.",
    ACCEPTED="The person has a password and can enter.",
    EXPIRED="Its time is over; it can be sent again.",
    REVOKED="It was taken back, or what it opened was closed.",
)
_describe(
    DeliveryStatus,
    "How far an e-mail has come.",
    QUEUED="Waiting to be sent, perhaps once more.",
    SENT="Taken by the mail server.",
    FAILED="Refused, or given up after many tries.",
)
_describe(
    FolderAccess,
    "What the client may do in a folder.",
    PRIVATE="Nothing: only the firm sees it.",
    VIEW="Look at what is in it.",
    UPLOAD="Look at what is in it, and add to it.",
)
_describe(
    CustomFieldTarget,
    "What a custom field says something of.",
    ACCOUNT="Accounts.",
    CONTACT="Contacts.",
)
_describe(
    CustomFieldType,
    "What a custom field holds, and so how its values are written as JSON.",
    TEXT="A text of 2,000 characters at most; it may have several lines.",
    NUMBER="A number, exact to the last digit: up to 15 digits before the point, 10 after it. A "
    'text such as "12.50" is taken as well.',
    DATE='A day, as a text: "2026-11-24".',
    CHECKBOX="`true` or `false`.",
    EMAIL="An e-mail address.",
    PHONE="A telephone number, as people write it; kept as E.164.",
    URL="An address on the web that begins with http:// or https://.",
    SELECT="One of the field's options, by its name.",
    MULTI_SELECT="Any of the field's options: a list of their names.",
)
_describe(
    PhoneType,
    "What a telephone number is for.",
    MOBILE="A mobile telephone.",
    WORK="At work.",
    HOME="At home.",
    FAX="A fax machine.",
    OTHER="Anything else.",
)
_describe(
    NotificationKind,
    "What a notification is about.",
    CLIENT_ACTIVATED="A client has set a password and can enter the portal.",
    CLIENT_SIGNED_UP="A client has signed up by themselves.",
    INVITATION_BOUNCED="An invitation, of a client or a member, could not be delivered.",
    IMPORT_FINISHED="An import is done.",
    EMAIL_RECEIVED="An e-mail from a client has come in.",
    MEMBER_JOINED="Somebody who was invited to work at the firm has set a password.",
    MEMBER_DEACTIVATED="A member was deactivated; it says which accounts were assigned to them.",
)
_describe(
    ActivationStatus,
    "What an activation link is good for. REVOKED covers a link that a newer one has replaced.",
    VALID="It sets the password.",
    EXPIRED="Its time is over; a fresh one can be asked for.",
    USED="It has been used: sign in with the password.",
    REVOKED="It was replaced by a newer one, or taken back.",
    INVALID="It is not one of ours.",
)
_describe(
    ErrorCode,
    "What kind of thing there is to mend.",
    REQUIRED="Something is missing.",
    INVALID="The value is not one that can stand here.",
    TOO_LONG="The text is too long.",
    TAKEN="Another one has this already.",
    NOT_FOUND="There is no such thing in the firm.",
    CONFLICT="It contradicts what is there.",
    INVALID_EMAIL="Not an e-mail address.",
    INVALID_PHONE="Not a telephone number.",
    FORBIDDEN_CHARACTERS="Characters that cannot stand here; the message names them.",
    WEAK_PASSWORD="The password is too short, too common or too close to the person.",
    INVALID_CREDENTIALS="Address and password do not belong together.",
    INVALID_CODE="The code is wrong.",
    SECOND_FACTOR_REQUIRED="A code is needed as well.",
    TOKEN_INVALID="The link is not one of ours, or was replaced or taken back.",
    TOKEN_EXPIRED="The link is too old.",
    TOKEN_USED="The link has been used.",
    EMAIL_MISSING="LOGIN needs an e-mail address.",
    LOGIN_OFF="LOGIN is off.",
    ALREADY_ACTIVE="The contact, or the member, can enter already.",
    SIGN_UP_CLOSED="The firm does not let clients sign up.",
    LAST_CONTACT="An account needs at least one contact.",
    LAST_OWNER="A firm needs at least one owner.",
    IN_USE="It is still in use.",
    LIMIT_REACHED="Too many at once, or too often.",
    FORBIDDEN="It goes beyond what the caller may do or has to give.",
    IDEMPOTENCY_KEY_REUSED="The key came with another input before.",
)


class Direction(StrEnum):
    ASC = "ASC"
    DESC = "DESC"


_describe(
    Direction,
    "Which way a list runs.",
    ASC="From the smallest, the first or the oldest.",
    DESC="From the largest, the last or the newest.",
)


class AccountOrderField(StrEnum):
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"


_describe(
    AccountOrderField,
    "What a list of accounts is ordered by.",
    NAME="By name, whatever its case and accents.",
    CREATED_AT="By when they were created.",
    UPDATED_AT="By when they were last changed.",
)


class ContactOrderField(StrEnum):
    LAST_NAME = "LAST_NAME"
    FIRST_NAME = "FIRST_NAME"
    EMAIL = "EMAIL"
    CREATED_AT = "CREATED_AT"


_describe(
    ContactOrderField,
    "What a list of contacts is ordered by.",
    LAST_NAME="By last name, whatever its case and accents.",
    FIRST_NAME="By first name, whatever its case and accents.",
    EMAIL="By e-mail address.",
    CREATED_AT="By when they were created.",
)


class AuditOrderField(StrEnum):
    AT = "AT"


_describe(
    AuditOrderField,
    "What the audit trail is ordered by.",
    AT="By when it happened.",
)

__all__ = [
    "AccountOrderField",
    "AccountStatus",
    "AccountType",
    "ActivationStatus",
    "AuditOrderField",
    "ContactOrderField",
    "CreatedVia",
    "CustomFieldTarget",
    "CustomFieldType",
    "DeliveryStatus",
    "Direction",
    "ErrorCode",
    "FolderAccess",
    "InvitationStatus",
    "Locale",
    "MemberStatus",
    "NotificationKind",
    "Permission",
    "PhoneType",
    "PortalStatus",
    "Role",
]
