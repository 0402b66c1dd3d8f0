"""What the database itself holds between rows, written for both databases beside each other.

On PostgreSQL each is checked when the transaction ends, so that rows may be written in any
order; the parent's row is locked, so that of two transactions that each leave the other's row
standing the second sees that it is gone. On SQLite, which has one writer, each is checked by
the statement that would break it: what takes a row's place is written first.

A parent that is gone has taken its rows along, and nothing is asked of it. What breaks one
raises the driver's integrity error, with the invariant's name in its text.

SQLite's triggers go with their table: a migration that rebuilds one creates them anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alembic import op


@dataclass(frozen=True)
class Invariant:
    """A rule between rows. *name* is also its function's on PostgreSQL, *rule* is for people."""

    name: str
    rule: str
    # PL/pgSQL: the declarations and the body, with `broken` set at its end.
    function: str
    # Each: events and table, and the condition under which the question is worth asking.
    triggers: Sequence[tuple[str, str]]
    # Each: events and table, and the condition that is true when the rule is broken.
    sqlite_triggers: Sequence[tuple[str, str]]


ACCOUNT_HAS_CONTACT = Invariant(
    name="account_has_contact",
    rule="an account has at least one contact",
    function="""
    DECLARE
        firm text;
        account text;
        broken boolean;
    BEGIN
        IF TG_TABLE_NAME = 'accounts' THEN
            firm := NEW.firm_id;
            account := NEW.id;
        ELSE
            firm := OLD.firm_id;
            account := OLD.account_id;
        END IF;
        PERFORM FROM accounts WHERE firm_id = firm AND id = account FOR NO KEY UPDATE;
        broken := FOUND AND NOT EXISTS (
            SELECT FROM account_contacts WHERE firm_id = firm AND account_id = account
        );
    """,
    triggers=[
        ("INSERT ON accounts", "true"),
        ("DELETE ON account_contacts", "true"),
        ("UPDATE OF account_id ON account_contacts", "OLD.account_id <> NEW.account_id"),
    ],
    sqlite_triggers=[
        (
            events,
            """
            EXISTS (
                SELECT 1 FROM accounts JOIN firms ON firms.id = accounts.firm_id
                WHERE accounts.firm_id = OLD.firm_id AND accounts.id = OLD.account_id
            ) AND NOT EXISTS (
                SELECT 1 FROM account_contacts
                WHERE firm_id = OLD.firm_id AND account_id = OLD.account_id
            )
            """,
        )
        for events in ("DELETE ON account_contacts", "UPDATE OF account_id ON account_contacts")
    ],
)

ACCOUNT_HAS_UPLOAD_FOLDER = Invariant(
    name="account_has_upload_folder",
    rule="an account keeps at least one folder that its client may upload to",
    function="""
    DECLARE
        broken boolean;
    BEGIN
        PERFORM FROM accounts WHERE firm_id = OLD.firm_id AND id = OLD.account_id
            FOR NO KEY UPDATE;
        broken := FOUND AND NOT EXISTS (
            SELECT FROM folders
            WHERE firm_id = OLD.firm_id AND account_id = OLD.account_id AND access = 'UPLOAD'
        );
    """,
    triggers=[
        ("DELETE OR UPDATE OF access, account_id ON folders", "OLD.access = 'UPLOAD'"),
    ],
    sqlite_triggers=[
        (
            events,
            """
            OLD.access = 'UPLOAD' AND EXISTS (
                SELECT 1 FROM accounts JOIN firms ON firms.id = accounts.firm_id
                WHERE accounts.firm_id = OLD.firm_id AND accounts.id = OLD.account_id
            ) AND NOT EXISTS (
                SELECT 1 FROM folders
                WHERE firm_id = OLD.firm_id AND account_id = OLD.account_id AND access = 'UPLOAD'
            )
            """,
        )
        for events in ("DELETE ON folders", "UPDATE OF access, account_id ON folders")
    ],
)

FIRM_HAS_OWNER = Invariant(
    name="firm_has_owner",
    rule="a firm has at least one owner who is active",
    function="""
    DECLARE
        broken boolean;
    BEGIN
        PERFORM FROM firms WHERE id = OLD.firm_id FOR NO KEY UPDATE;
        broken := FOUND AND NOT EXISTS (
            SELECT FROM members
            WHERE firm_id = OLD.firm_id AND role = 'OWNER' AND status = 'ACTIVE'
        );
    """,
    triggers=[
        (
            "DELETE OR UPDATE OF role, status ON members",
            "OLD.role = 'OWNER' AND OLD.status = 'ACTIVE'",
        ),
    ],
    sqlite_triggers=[
        (
            events,
            """
            OLD.role = 'OWNER' AND OLD.status = 'ACTIVE'
            AND EXISTS (SELECT 1 FROM firms WHERE id = OLD.firm_id)
            AND NOT EXISTS (
                SELECT 1 FROM members
                WHERE firm_id = OLD.firm_id AND role = 'OWNER' AND status = 'ACTIVE'
            )
            """,
        )
        for events in ("DELETE ON members", "UPDATE OF role, status ON members")
    ],
)

LOGIN_NEEDS_EMAIL = Invariant(
    name="login_needs_email",
    rule="LOGIN needs an e-mail address",
    function="""
    DECLARE
        contact text;
        broken boolean;
    BEGIN
        IF TG_TABLE_NAME = 'contacts' THEN
            contact := NEW.id;
        ELSE
            contact := NEW.contact_id;
        END IF;
        SELECT email IS NULL INTO broken FROM contacts
            WHERE firm_id = NEW.firm_id AND id = contact FOR SHARE;
        broken := FOUND AND broken AND EXISTS (
            SELECT FROM account_contacts
            WHERE firm_id = NEW.firm_id AND contact_id = contact AND login
        );
    """,
    triggers=[
        ("INSERT OR UPDATE OF login, contact_id ON account_contacts", "NEW.login"),
        ("UPDATE OF email ON contacts", "NEW.email IS NULL"),
    ],
    sqlite_triggers=[
        *[
            (
                events,
                """
                NEW.login AND EXISTS (
                    SELECT 1 FROM contacts
                    WHERE firm_id = NEW.firm_id AND id = NEW.contact_id AND email IS NULL
                )
                """,
            )
            for events in (
                "INSERT ON account_contacts",
                "UPDATE OF login, contact_id ON account_contacts",
            )
        ],
        (
            "UPDATE OF email ON contacts",
            """
            NEW.email IS NULL AND EXISTS (
                SELECT 1 FROM account_contacts
                WHERE firm_id = NEW.firm_id AND contact_id = NEW.id AND login
            )
            """,
        ),
        # A contact may be written after its account contact: the reference waits, this cannot.
        (
            "INSERT ON contacts",
            """
            NEW.email IS NULL AND EXISTS (
                SELECT 1 FROM account_contacts
                WHERE firm_id = NEW.firm_id AND contact_id = NEW.id AND login
            )
            """,
        ),
    ],
)

INVARIANTS = (
    ACCOUNT_HAS_CONTACT,
    ACCOUNT_HAS_UPLOAD_FOLDER,
    FIRM_HAS_OWNER,
    LOGIN_NEEDS_EMAIL,
)


def hold_invariants() -> None:
    """Creates the functions and triggers in the migration's database."""
    statements = _on_postgresql if op.get_bind().dialect.name == "postgresql" else _on_sqlite
    for invariant in INVARIANTS:
        for statement in statements(invariant):
            op.get_bind().exec_driver_sql(statement)


def drop_invariants() -> None:
    """Drops the functions; the triggers have gone with their tables."""
    if op.get_bind().dialect.name == "postgresql":
        for invariant in INVARIANTS:
            op.execute(f"DROP FUNCTION {invariant.name}()")


def _on_postgresql(invariant: Invariant) -> list[str]:
    name = invariant.name
    function = f"""
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    {invariant.function}
        IF broken THEN
            RAISE EXCEPTION '{name}: {invariant.rule}'
                USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
        END IF;
        RETURN NULL;
    END $$
    """
    return [
        function,
        *(
            f"CREATE CONSTRAINT TRIGGER {name}_{place} AFTER {events}"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
            f" WHEN ({condition}) EXECUTE FUNCTION {name}()"
            for place, (events, condition) in enumerate(invariant.triggers, start=1)
        ),
    ]


def _on_sqlite(invariant: Invariant) -> list[str]:
    name = invariant.name
    return [
        f"CREATE TRIGGER {name}_{place} AFTER {events} WHEN {condition}"
        f" BEGIN SELECT RAISE(ABORT, '{name}: {invariant.rule}'); END"
        for place, (events, condition) in enumerate(invariant.sqlite_triggers, start=1)
    ]
