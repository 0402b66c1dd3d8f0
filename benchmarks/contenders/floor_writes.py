"""The floor's way to write: the rows of `createAccount`, by a statement for each table.

One account, its contact with LOGIN, the link, the folder, the invitation and its mail, in one
transaction; the number's row late, as it is locked until the end; and what the audit trail tells of
it, four rows by one statement.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson

from auth.links import Purpose
from models.folding import fold, search_text
from models.ids import new_id

_WHO = """
    SELECT members.id FROM sessions
        JOIN members ON members.firm_id = sessions.firm_id AND members.id = sessions.member_id
    WHERE sessions.firm_id = $1 AND sessions.token_hash = $2 AND members.status = 'ACTIVE'
"""
_FIRM = "SELECT locale FROM firms WHERE id = $1"
_NUMBER = """
    UPDATE counters SET value = value + 1 WHERE firm_id = $1 AND id = 'accounts' RETURNING value
"""
_FOLDERS = {"DE": "Vom Mandanten hochgeladen", "EN": "Client uploaded documents"}
_LIFETIME = timedelta(days=14)

_Statement = tuple[str, list[Any]]


class _Draft:
    """The rows of one account. *moment* gives a moment as the database takes it."""

    def __init__(self, firm_id: str, given: dict[str, Any], moment: Any) -> None:
        now = datetime.now(UTC)
        self._firm_id, self._given = firm_id, given
        self._now, self._until = moment(now), moment(now + _LIFETIME)
        self._valid_until = (now + _LIFETIME).isoformat()
        self.id = new_id("acct")
        self._contact, self._entry = new_id("cont"), new_id("acon")
        self._invitation = new_id("inv")
        self._name = f"{given['first_name']} {given['last_name']}"

    def before_the_number(self, member_id: str, locale: str) -> Iterator[_Statement]:
        """Everything but the account itself."""
        firm_id, given, now = self._firm_id, self._given, self._now
        first, last, email = given["first_name"], given["last_name"], given["email"]
        yield _insert(
            "contacts",
            firm_id=firm_id,
            id=self._contact,
            first_name=first,
            last_name=last,
            name=self._name,
            email=email,
            email_key=email.lower(),
            first_name_key=fold(first),
            last_name_key=fold(last),
            search_text=search_text([self._name, email]),
            created_at=now,
            updated_at=now,
        )
        yield _insert(
            "account_contacts",
            firm_id=firm_id,
            id=self._entry,
            account_id=self.id,
            contact_id=self._contact,
            login=True,
            notify=True,
            sync=True,
            created_at=now,
        )
        folder = _FOLDERS[locale]
        yield _insert(
            "folders",
            firm_id=firm_id,
            id=new_id("fold"),
            account_id=self.id,
            name=folder,
            path=folder,
            path_key=fold(folder),
            access="UPLOAD",
        )
        invitation_id = self._invitation
        yield _insert(
            "invitations",
            firm_id=firm_id,
            id=invitation_id,
            account_contact_id=self._entry,
            email=email,
            email_key=email.lower(),
            state="PENDING",
            counter=1,
            send_count=1,
            delivery="QUEUED",
            sent_by_id=member_id,
            sent_at=now,
            expires_at=self._until,
        )
        link = {"purpose": Purpose.INVITATION, "subject_id": invitation_id, "counter": 1}
        content = {
            "first_name": first,
            "account_name": self._name,
            "message": None,
            "valid_until": self._valid_until,
            "link": link,
        }
        yield _insert(
            "mails",
            firm_id=firm_id,
            id=new_id("mail"),
            template="INVITATION",
            recipient=email,
            locale=locale,
            content=orjson.dumps(content).decode(),
            invitation_id=invitation_id,
            state="QUEUED",
            attempts=0,
            due_at=now,
            created_at=now,
        )

    def account(self, number: int) -> _Statement:
        """The account, with the number that it got."""
        return _insert(
            "accounts",
            firm_id=self._firm_id,
            id=self.id,
            number=f"M-{number}",
            type="INDIVIDUAL",
            status="ACTIVE",
            name=self._name,
            name_key=fold(self._name),
            search_text=search_text([self._name, f"M-{number}"]),
            created_via="MEMBER",
            created_at=self._now,
            updated_at=self._now,
        )

    def events(self, member_id: str, number: int, locale: str) -> _Statement:
        """What the audit trail tells."""
        email = self._given["email"]
        told: dict[str, tuple[str, dict[str, Any]]] = {
            "account.created": (
                self.id,
                {
                    "number": f"M-{number}",
                    "type": "INDIVIDUAL",
                    "status": "ACTIVE",
                    "name": self._name,
                    "createdVia": "MEMBER",
                    "folders": {"path": _FOLDERS[locale], "access": "UPLOAD"},
                },
            ),
            "contact.created": (
                self._contact,
                {
                    "firstName": self._given["first_name"],
                    "lastName": self._given["last_name"],
                    "name": self._name,
                    "email": email,
                },
            ),
            "accountContact.created": (
                self._entry,
                {"accountId": self.id, "contactId": self._contact}
                | dict.fromkeys(("login", "notify", "sync"), True),
            ),
            "invitation.sent": (
                self._invitation,
                {
                    "accountContactId": self._entry,
                    "email": email,
                    "state": "PENDING",
                    "sendCount": 1,
                    "delivery": "QUEUED",
                    "expiresAt": self._valid_until,
                },
            ),
        }
        rows = [
            {
                "firm_id": self._firm_id,
                "id": new_id("aud"),
                "at": self._now,
                "actor_id": member_id,
                "action": action,
                "subject_id": subject_id,
                "changes": orjson.dumps(
                    {key: [None, value] for key, value in new.items()}
                ).decode(),
                "ip_address": "127.0.0.1",
            }
            for action, (subject_id, new) in told.items()
        ]
        return _insert("audit_events", *rows)

    def answer(self, number: int) -> str:
        return orjson.dumps({"id": self.id, "number": f"M-{number}", "name": self._name}).decode()


async def create(
    connection: asyncpg.Connection, firm_id: str, token_hash: str, given: dict[str, Any]
) -> str:
    """Writes the rows; one round trip for each statement, and two for the transaction."""
    draft = _Draft(firm_id, given, lambda moment: moment)
    async with connection.transaction():
        member_id: Any = await connection.fetchval(_WHO, firm_id, token_hash)
        locale: Any = await connection.fetchval(_FIRM, firm_id)
        for sql, parameters in draft.before_the_number(member_id, locale):
            await connection.execute(sql, *parameters)
        number: Any = await connection.fetchval(_NUMBER, firm_id)
        sql, parameters = draft.account(number)
        await connection.execute(sql, *parameters)
        sql, parameters = draft.events(member_id, number, locale)
        await connection.execute(sql, *parameters)
    return draft.answer(number)


def create_on_sqlite(
    connection: sqlite3.Connection, firm_id: str, token_hash: str, given: dict[str, Any]
) -> str:
    """The same on SQLite, with the write lock from the start."""
    draft = _Draft(firm_id, given, lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    connection.execute("BEGIN IMMEDIATE")
    (member_id,) = connection.execute(_numbered(_WHO), (firm_id, token_hash)).fetchone()
    (locale,) = connection.execute(_numbered(_FIRM), (firm_id,)).fetchone()
    for sql, parameters in draft.before_the_number(member_id, locale):
        connection.execute(_numbered(sql), parameters)
    (number,) = connection.execute(_numbered(_NUMBER), (firm_id,)).fetchone()
    sql, parameters = draft.account(number)
    connection.execute(_numbered(sql), parameters)
    sql, parameters = draft.events(member_id, number, locale)
    connection.execute(_numbered(sql), parameters)
    connection.execute("COMMIT")
    return draft.answer(number)


def _insert(table: str, *rows: dict[str, Any], **row: Any) -> _Statement:
    """Writes *row*, or several *rows* of the same columns."""
    written = rows or (row,)
    width = len(written[0])
    marks = ", ".join(
        f"({', '.join(f'${first + place}' for place in range(1, width + 1))})"
        for first in range(0, width * len(written), width)
    )
    columns = ", ".join(written[0])
    values = [value for each in written for value in each.values()]
    return f"INSERT INTO {table} ({columns}) VALUES {marks}", values


def _numbered(sql: str) -> str:
    return sql.replace("$", "?")
