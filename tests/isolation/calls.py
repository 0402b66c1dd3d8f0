"""A valid call of every root field, and who may make it.

A field of the schema that is missing here, or an id that no call passes, fails a test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.enums import Permission
from tests.deployments import PASSWORD
from tests.isolation.twins import Twin
from tests.isolation.walk import Position

ANYONE, SIGNED_IN, CLIENTS, MEMBERS = "anyone", "signed in", "clients", "members"


@dataclass(frozen=True)
class Its:
    """The id of something that the caller's firm has, by its name in `Twin.ids`."""

    name: str


@dataclass(frozen=True)
class Text:
    """A text of the caller's firm, by its name in `Twin.texts`."""

    name: str


@dataclass(frozen=True)
class Call:
    """Who may call a root field, the permission that a member needs, and calls that work.

    *others* names the permission that the call of a number needs in its place.
    """

    who: str
    needs: Permission | None
    variables: tuple[Mapping[str, Any], ...]
    others: Mapping[int, Permission] = field(default_factory=dict[int, Permission])

    def that_need(self, permission: Permission) -> tuple[Mapping[str, Any], ...]:
        """The calls that need *permission*."""
        return tuple(
            variables
            for number, variables in enumerate(self.variables)
            if self.others.get(number, self.needs) is permission
        )


def _call(
    who: str,
    *variables: Mapping[str, Any],
    needs: Permission | None = None,
    others: Mapping[int, Permission] = {},
) -> Call:
    return Call(who, needs, variables or ({},), others)


NEW_CLIENT = "neu@hier.test"
_ENTRY = {"contact": {"id": Its("contact")}}
_TAGS = {"any": [Its("tag")], "all": [Its("tag")], "none": [Its("spare_tag")]}
_TAGGING = {"subjectIds": [Its("account"), Its("contact")], "tagIds": [Its("tag")]}
# Only tried: what a filter finds would be changed by many a call of the matrix.
_FOUND = {
    "assigneeIds": [Its("member")],
    "tags": _TAGS,
    "customFields": [{"fieldId": Its("account_field"), "equals": "gleich"}],
}
_SUBJECTS = (
    {"filter": _FOUND},
    {
        "contactFilter": {
            "tags": _TAGS,
            "customFields": [{"fieldId": Its("contact_field"), "isSet": True}],
        }
    },
)
_CHOICES = {
    field: Its("contact")
    for field in (
        "firstName",
        "middleName",
        "lastName",
        "companyName",
        "email",
        "address",
        "locale",
    )
}

# Where ids of several kinds are taken, beside `node` and `nodes`.
ALIKE = {
    ("tag", ("input", "subjectIds")),
    ("untag", ("input", "subjectIds")),
    ("auditEvents", ()),
    ("auditEvents", ("filter", "subjectIds")),
}
_OF_ACCOUNT = {"fieldId": Its("account_field"), "value": ["Gleich"]}
_OF_CONTACT = {"fieldId": Its("contact_field"), "value": ["Gleich"]}
_NEW_PERSON = {"lastName": "Neu", "tagIds": [Its("tag")], "customFields": [_OF_CONTACT]}
_NEW_ENTRY = {"contact": {"new": _NEW_PERSON}}
_FOLDERS = {"name": "Neu", "folders": [{"path": "Steuern/2026", "access": "VIEW"}]}

# In an order in which all of them work, one after the other.
CALLS: dict[str, Call] = {
    "viewer": _call(ANYONE),
    "portal": _call(ANYONE, {"firm": Text("slug")}),
    "activation": _call(ANYONE, {"token": Text("token")}),
    "sessions": _call(SIGNED_IN),
    "portalAccount": _call(CLIENTS, {"id": Its("switch_account")}),
    "firm": _call(MEMBERS),
    "members": _call(MEMBERS),
    "node": _call(
        MEMBERS,
        *({"id": Its(name)} for name in ("account", "account_contact", "contact", "firm")),
        *({"id": Its(name)} for name in ("invitation", "member", "notification", "tag")),
        {"id": Its("audit_event")},
        *({"id": Its(name)} for name in ("folder_template", "account_field")),
    ),
    "nodes": _call(MEMBERS, {"ids": [Its("account"), Its("contact"), Its("invitation")]}),
    "account": _call(MEMBERS, {"id": Its("account")}),
    "accounts": _call(
        MEMBERS,
        {"filter": {"assigneeIds": [Its("member")], "tags": _TAGS}},
        {"filter": {"search": "Gemein"}},
        {"filter": {"customFields": [{"fieldId": Its("account_field"), "equals": "gleich"}]}},
    ),
    "contact": _call(MEMBERS, {"id": Its("contact")}),
    "contacts": _call(
        MEMBERS,
        {"filter": {"search": "gleich", "email": "anna@gleich.test"}},
        {"filter": {"tags": _TAGS}},
        {"filter": {"customFields": [{"fieldId": Its("contact_field"), "isSet": True}]}},
    ),
    "tags": _call(MEMBERS),
    "customFields": _call(MEMBERS, {"target": "ACCOUNT"}),
    "folderTemplates": _call(MEMBERS),
    "notifications": _call(MEMBERS, {"unreadOnly": True}),
    "notificationPreferences": _call(MEMBERS),
    "notificationReceived": _call(
        MEMBERS, {"after": Its("notification")}, {"after": "noti_" + "0" * 32}
    ),
    "auditEvents": _call(
        MEMBERS,
        {"subjectId": Its("account")},
        {"filter": {"actorId": Its("member"), "subjectIds": [Its("contact")]}},
    ),
    "signIn": _call(
        ANYONE,
        {"input": {"firm": Text("slug"), "email": Text("owner"), "password": PASSWORD}},
    ),
    "updateFirm": _call(
        MEMBERS,
        {"input": {"signUpEnabled": True, "accentColor": "#1f6f61"}},
        needs=Permission.MANAGE_FIRM,
    ),
    "signUp": _call(
        ANYONE,
        {
            "input": {
                "firm": Text("slug"),
                "firstName": "Neu",
                "lastName": "Hier",
                "email": NEW_CLIENT,
            }
        },
    ),
    "finishSignUp": _call(ANYONE, {"input": {"token": Text("sign_up"), "password": PASSWORD}}),
    "changeLanguage": _call(SIGNED_IN, {"locale": "EN"}),
    "switchAccount": _call(
        CLIENTS,
        {"input": {"accountId": Its("account")}},
        {"input": {"accountId": Its("switch_account")}},
    ),
    "createAccount": _call(
        MEMBERS,
        {
            "input": {
                "type": "INDIVIDUAL",
                "name": "Neu",
                "tagIds": [Its("tag")],
                "folderTemplateId": Its("folder_template"),
                "assigneeIds": [Its("member")],
                "customFields": [_OF_ACCOUNT],
                "contacts": [_ENTRY, _NEW_ENTRY],
            }
        },
        needs=Permission.MANAGE_ACCOUNTS,
    ),
    "updateAccount": _call(
        MEMBERS,
        {
            "input": {
                "id": Its("account"),
                "name": "Anders",
                "assigneeIds": [Its("member")],
                "tagIds": [Its("tag")],
                "customFields": [_OF_ACCOUNT],
            }
        },
        needs=Permission.MANAGE_ACCOUNTS,
    ),
    "inviteMember": _call(
        MEMBERS,
        {"input": {"email": "neu@kanzlei.test", "firstName": "Neu", "lastName": "Hier"}},
        needs=Permission.MANAGE_MEMBERS,
    ),
    "updateMember": _call(
        MEMBERS,
        {"input": {"id": Its("colleague"), "lastName": "Anders", "permissions": []}},
        needs=Permission.MANAGE_MEMBERS,
    ),
    "deactivateMember": _call(MEMBERS, {"id": Its("colleague")}, needs=Permission.MANAGE_MEMBERS),
    **{
        name: _call(
            MEMBERS,
            {"input": {"accountIds": [Its("account")], "memberIds": [Its("member")]}},
            {"input": {"filter": _FOUND, "memberIds": [Its("member")], "dryRun": True}},
            needs=Permission.MANAGE_ACCOUNTS,
        )
        for name in ("unassign", "assign")
    },
    "createContact": _call(
        MEMBERS,
        {"input": {**_NEW_PERSON, "externalReference": "neu"}},
        needs=Permission.MANAGE_CONTACTS,
    ),
    "updateContact": _call(
        MEMBERS,
        {
            "input": {
                "id": Its("contact"),
                "phones": [],
                "tagIds": [Its("tag")],
                "customFields": [_OF_CONTACT],
            }
        },
        needs=Permission.MANAGE_CONTACTS,
    ),
    "addAccountContact": _call(
        MEMBERS,
        {
            "input": {
                "accountId": Its("account"),
                "contact": {"contact": {"id": Its("spare_contact")}},
            }
        },
        {"input": {"accountId": Its("account"), "contact": _NEW_ENTRY}},
        needs=Permission.MANAGE_ACCOUNTS,
    ),
    "notifyAccount": _call(
        MEMBERS,
        {"input": {"accountId": Its("account"), "subject": "Neu", "body": "Gleich"}},
        needs=Permission.MANAGE_ACCOUNTS,
    ),
    "updateAccountContact": _call(
        MEMBERS,
        {"input": {"id": Its("account_contact"), "notify": False}},
        needs=Permission.MANAGE_PORTAL_ACCESS,
    ),
    "updateAccountContacts": _call(
        MEMBERS,
        {"input": {"accountContactIds": [Its("account_contact")], "sync": False}},
        {"input": {"filter": _FOUND, "notify": False, "dryRun": True}},
        needs=Permission.MANAGE_PORTAL_ACCESS,
    ),
    "sendInvitations": _call(
        MEMBERS,
        {"input": {"accountContactIds": [Its("pending_account_contact")]}},
        {"input": {"filter": {"assigneeIds": [Its("member")], "tags": _TAGS}}},
        {"input": {"filter": {"customFields": [{"fieldId": Its("account_field")}]}}},
        needs=Permission.MANAGE_PORTAL_ACCESS,
    ),
    "createTag": _call(
        MEMBERS, {"input": {"name": "Neu", "color": "#112233"}}, needs=Permission.MANAGE_TAGS
    ),
    "updateTag": _call(
        MEMBERS,
        {"id": Its("tag"), "input": {"name": "Anders"}},
        needs=Permission.MANAGE_TAGS,
    ),
    "untag": _call(
        MEMBERS,
        {"input": _TAGGING},
        *({"input": {**found, "tagIds": [Its("tag")], "dryRun": True}} for found in _SUBJECTS),
        needs=Permission.MANAGE_ACCOUNTS,
        others={2: Permission.MANAGE_CONTACTS},
    ),
    "tag": _call(
        MEMBERS,
        {"input": _TAGGING},
        *({"input": {**found, "tagIds": [Its("tag")], "dryRun": True}} for found in _SUBJECTS),
        needs=Permission.MANAGE_ACCOUNTS,
        others={2: Permission.MANAGE_CONTACTS},
    ),
    "deleteTag": _call(MEMBERS, {"id": Its("spare_tag")}, needs=Permission.MANAGE_TAGS),
    "requestNewInvitation": _call(ANYONE, {"input": {"token": Text("token")}}),
    "activate": _call(ANYONE, {"input": {"token": Text("newest"), "password": PASSWORD}}),
    "revokeInvitations": _call(
        MEMBERS, {"ids": [Its("revocable_invitation")]}, needs=Permission.MANAGE_PORTAL_ACCESS
    ),
    "markNotificationsRead": _call(MEMBERS, {"ids": [Its("notification")]}),
    "updateNotificationPreferences": _call(
        MEMBERS, {"input": {"preferences": [{"kind": "CLIENT_ACTIVATED", "email": False}]}}
    ),
    "requestPasswordReset": _call(
        ANYONE, {"input": {"firm": Text("slug"), "email": Text("owner")}}
    ),
    "removeAccountContact": _call(
        MEMBERS, {"id": Its("switch_removable")}, needs=Permission.MANAGE_ACCOUNTS
    ),
    "mergeContacts": _call(
        MEMBERS,
        {
            "input": {
                "keepId": Its("contact"),
                "mergeIds": [Its("spare_contact")],
                "choices": {
                    "externalReference": Its("spare_contact"),
                    "customFields": [
                        {"fieldId": Its("contact_field"), "contactId": Its("contact")}
                    ],
                    **_CHOICES,
                },
                # Both are needed below.
                "dryRun": True,
            }
        },
        needs=Permission.MANAGE_CONTACTS,
    ),
    "deleteContact": _call(MEMBERS, {"id": Its("spare_contact")}, needs=Permission.MANAGE_CONTACTS),
    "archiveAccounts": _call(
        MEMBERS,
        {"ids": [Its("switch_account")], "dryRun": False},
        {"filter": _FOUND, "dryRun": True},
        needs=Permission.MANAGE_ACCOUNTS,
    ),
    "restoreAccounts": _call(
        MEMBERS,
        {"ids": [Its("switch_account")], "dryRun": False},
        {"filter": _FOUND, "dryRun": True},
        needs=Permission.MANAGE_ACCOUNTS,
    ),
    "deleteAccount": _call(
        MEMBERS, {"id": Its("archived_account")}, needs=Permission.MANAGE_ACCOUNTS
    ),
    "createCustomField": _call(
        MEMBERS,
        {"input": {"target": "ACCOUNT", "type": "TEXT", "name": "Neu"}},
        needs=Permission.MANAGE_CUSTOM_FIELDS,
    ),
    "updateCustomField": _call(
        MEMBERS,
        {
            "input": {
                "id": Its("account_field"),
                "name": "Neuer",
                "renameOptions": [{"from": "Gleich", "to": "Anders"}],
                "position": 1,
            }
        },
        needs=Permission.MANAGE_CUSTOM_FIELDS,
    ),
    "deleteCustomField": _call(
        MEMBERS, {"id": Its("account_field")}, needs=Permission.MANAGE_CUSTOM_FIELDS
    ),
    "createFolderTemplate": _call(
        MEMBERS, {"input": _FOLDERS}, needs=Permission.MANAGE_FOLDER_TEMPLATES
    ),
    "updateFolderTemplate": _call(
        MEMBERS,
        {"id": Its("folder_template"), "input": {**_FOLDERS, "name": "Neuer"}},
        needs=Permission.MANAGE_FOLDER_TEMPLATES,
    ),
    "applyFolderTemplate": _call(
        MEMBERS,
        {"input": {"folderTemplateId": Its("folder_template"), "accountIds": [Its("account")]}},
        {
            "input": {
                "folderTemplateId": Its("folder_template"),
                "filter": _FOUND,
                "dryRun": True,
            }
        },
        needs=Permission.MANAGE_ACCOUNTS,
    ),
    "deleteFolderTemplate": _call(
        MEMBERS, {"id": Its("folder_template")}, needs=Permission.MANAGE_FOLDER_TEMPLATES
    ),
    "revokeSession": _call(SIGNED_IN, {"id": Its("session")}),
    "changePassword": _call(
        SIGNED_IN,
        {"input": {"currentPassword": PASSWORD, "newPassword": "another garden of lanterns"}},
    ),
    "resetPassword": _call(
        ANYONE, {"input": {"token": Text("reset"), "password": "a third garden of lanterns"}}
    ),
    "signOut": _call(SIGNED_IN),
}


def positions_passed() -> set[Position]:
    """Every place where a call passes an id."""
    return {
        Position(name, tuple(step for step in path if isinstance(step, str)))
        for name, call in CALLS.items()
        for variables in call.variables
        for path, _ in ids_in(variables)
    }


def ids_in(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Its]]:
    """Every id in *value*, with the way to it."""
    if isinstance(value, Its):
        yield path, value
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from ids_in(below, (*path, key))
    elif isinstance(value, list):
        for position, below in enumerate(value):
            yield from ids_in(below, (*path, position))


def filled(
    value: Any, twin: Twin, instead: tuple[tuple[Any, ...], str] | None = None, path: Any = ()
) -> Any:
    """*value* with the twin's ids and texts; *instead* names one way and what to put there."""
    if instead is not None and path == instead[0]:
        return instead[1]
    if isinstance(value, Its):
        return twin.ids[value.name]
    if isinstance(value, Text):
        return twin.texts[value.name]
    if isinstance(value, Mapping):
        return {key: filled(below, twin, instead, (*path, key)) for key, below in value.items()}
    if isinstance(value, list):
        return [
            filled(below, twin, instead, (*path, position)) for position, below in enumerate(value)
        ]
    return value
