"""The words of accounts and contacts, in an index; and indexes for each order of contacts.

`account_texts` holds the words of an account and of all its contacts, `contact_texts` those of a
contact. Triggers keep both, so that whoever writes an account, a contact or what joins them need
not know, and SQLite's index, which is a table of its own (FTS5).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

from migrations.search import found
from migrations.shape import MissingExtension, of_firm, within, words
from tenancy.row_security import walls_down, walls_up

# ruff: noqa: S608 - the statements are made of constants

revision = "0003_search"
down_revision = "0002_tags"
branch_labels = None
depends_on = None

SUBJECTS = ("account", "contact")
READ = ("accounts", "contacts", "account_contacts")

_NAMES = (
    ("ix_contacts_by_last_name", "last_name_key", "first_name_key"),
    ("ix_contacts_by_first_name", "first_name_key", "last_name_key"),
)

ACCOUNT_TEXT = """
    SELECT a.firm_id, a.id, a.search_text || coalesce((
        SELECT {joined} FROM account_contacts e
        JOIN contacts c ON c.firm_id = e.firm_id AND c.id = e.contact_id
        WHERE e.firm_id = a.firm_id AND e.account_id = a.id
    ), '') AS text
    FROM accounts a
"""
CONTACT_TEXT = "SELECT c.firm_id, c.id, c.search_text AS text FROM contacts c"


def upgrade() -> None:
    for name, first, then in _NAMES:
        op.drop_index(name, "contacts")
        op.create_index(name, "contacts", ["firm_id", first, then, "id"])
    op.create_index(
        "ix_contacts_in_order_of_email",
        "contacts",
        ["firm_id", sa.text("coalesce(email_key, '')"), "id"],
    )
    for subject in SUBJECTS:
        table = f"{subject}_texts"
        of_firm(
            table,
            sa.Column("place", sa.BigInteger()),
            words("text"),
            within(table, "id", f"{subject}s", ondelete="CASCADE"),
        )
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def downgrade() -> None:
    op.drop_index("ix_contacts_in_order_of_email", "contacts")
    for name, first, _ in _NAMES:
        op.drop_index(name, "contacts")
        op.create_index(name, "contacts", ["firm_id", first, "id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in (
            "DROP TRIGGER account_text ON accounts",
            "DROP TRIGGER account_text_added ON account_contacts",
            "DROP TRIGGER account_text_moved ON account_contacts",
            "DROP TRIGGER account_text ON contacts",
            "DROP TRIGGER contact_text ON contacts",
            "DROP FUNCTION keep_account_text()",
            "DROP FUNCTION keep_contact_text()",
            "DROP FUNCTION found_accounts(text)",
            "DROP FUNCTION found_contacts(text)",
        ):
            op.execute(statement)
    else:
        for name in (*_MAINTENANCE, *(name for each in SUBJECTS for name in _fts5_triggers(each))):
            op.execute(f"DROP TRIGGER {name}")
        for subject in SUBJECTS:
            op.execute(f"DROP TABLE {subject}_grams")
    for subject in SUBJECTS:
        op.drop_table(f"{subject}_texts")


# PostgreSQL

_JOINED = r"string_agg(E'\n' || c.search_text, '' ORDER BY e.id)"

# A row is locked before anything is read for it: whoever comes second sees what the first one has
# written. Each is asked for by its whole key, alone: while many rows are written at once, the
# server does not know yet how many there are, and would rather read all of a firm's.
_KEEP_ACCOUNT_TEXT = """
CREATE FUNCTION keep_account_text() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off
AS $$
DECLARE
    firm text;
    ids text[];
    one text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        firm := OLD.firm_id;
        ids := ARRAY[OLD.account_id];
    ELSE
        firm := NEW.firm_id;
        IF TG_TABLE_NAME = 'accounts' THEN
            ids := ARRAY[NEW.id];
        ELSIF TG_TABLE_NAME = 'contacts' THEN
            ids := ARRAY(
                SELECT account_id FROM account_contacts
                WHERE firm_id = firm AND contact_id = NEW.id
            );
        ELSIF TG_OP = 'UPDATE' THEN
            ids := ARRAY[OLD.account_id, NEW.account_id];
        ELSE
            ids := ARRAY[NEW.account_id];
        END IF;
    END IF;
    FOR one IN SELECT DISTINCT id FROM unnest(ids) AS id ORDER BY id LOOP
        PERFORM FROM account_texts WHERE firm_id = firm AND id = one FOR UPDATE;
        INSERT INTO account_texts AS found (firm_id, id, text)
        SELECT firm, one, a.search_text || coalesce((
            SELECT string_agg((
                SELECT E'\n' || c.search_text FROM contacts c
                WHERE c.firm_id = firm AND c.id = e.contact_id
            ), '' ORDER BY e.id)
            FROM account_contacts e WHERE e.firm_id = firm AND e.account_id = one
        ), '')
        FROM accounts a WHERE a.firm_id = firm AND a.id = one
        ON CONFLICT (firm_id, id) DO UPDATE SET text = excluded.text
        WHERE found.text <> excluded.text;
    END LOOP;
    RETURN NULL;
END $$
"""

_KEEP_CONTACT_TEXT = """
CREATE FUNCTION keep_contact_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contact_texts (firm_id, id, text)
    SELECT firm_id, id, search_text FROM contacts WHERE firm_id = NEW.firm_id AND id = NEW.id
    ON CONFLICT (firm_id, id) DO UPDATE SET text = excluded.text;
    RETURN NULL;
END $$
"""

_TRIGGERS = (
    ("account_text", "INSERT OR UPDATE OF search_text ON accounts", "keep_account_text"),
    ("account_text_added", "INSERT OR DELETE ON account_contacts", "keep_account_text"),
    (
        "account_text_moved",
        "UPDATE OF account_id, contact_id ON account_contacts",
        "keep_account_text",
    ),
    ("account_text", "UPDATE OF search_text ON contacts", "keep_account_text"),
    ("contact_text", "INSERT OR UPDATE OF search_text ON contacts", "keep_contact_text"),
)


def _on_postgresql() -> None:
    for extension in ("pg_trgm", "btree_gin"):
        try:
            op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        except DBAPIError as error:
            raise MissingExtension(extension) from error
    tables = (*READ, *(f"{subject}_texts" for subject in SUBJECTS))
    for statement in walls_down(*tables):
        op.execute(statement)
    op.execute(
        f"INSERT INTO account_texts (firm_id, id, text) {ACCOUNT_TEXT.format(joined=_JOINED)}"
    )
    op.execute(f"INSERT INTO contact_texts (firm_id, id, text) {CONTACT_TEXT}")
    # What is deferred to the end would keep the tables from being altered now.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in walls_up(*tables):
        op.execute(statement)
    for subject in SUBJECTS:
        table = f"{subject}_texts"
        op.create_index(
            f"ix_{table}_words",
            table,
            ["firm_id", "text"],
            postgresql_using="gin",
            postgresql_ops={"text": "gin_trgm_ops"},
        )
    bind = op.get_bind()
    schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
    for function in (
        _KEEP_ACCOUNT_TEXT,
        _KEEP_CONTACT_TEXT,
        *(found(subject, schema) for subject in SUBJECTS),
    ):
        bind.exec_driver_sql(function)
    for name, events, function in _TRIGGERS:
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {name} AFTER {events}"
            f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {function}()"
        )


# SQLite

_TEXT = f"""
    SELECT text FROM ({ACCOUNT_TEXT.format(joined="group_concat(char(10) || c.search_text, '')")}) AS made
    WHERE made.firm_id = account_texts.firm_id AND made.id = account_texts.id
"""


def _place(table: str) -> str:
    return f"(SELECT coalesce(max(place), 0) + 1 FROM {table})"


def _retext(firm: str, ids: str) -> str:
    """Writes the texts of the accounts *ids* anew."""
    return (
        f"UPDATE account_texts SET text = ({_TEXT}) WHERE firm_id = {firm} AND id IN ({ids})"
        " AND EXISTS (SELECT 1 FROM accounts"
        " WHERE firm_id = account_texts.firm_id AND id = account_texts.id);"
    )


_ACCOUNTS_OF_CONTACT = (
    "SELECT account_id FROM account_contacts WHERE firm_id = NEW.firm_id AND contact_id = NEW.id"
)

# Each: when, and what is done then.
_MAINTENANCE = {
    "account_text_made": (
        "INSERT ON accounts",
        "INSERT INTO account_texts (firm_id, id, place, text)"
        f" VALUES (NEW.firm_id, NEW.id, {_place('account_texts')}, '');"
        + _retext("NEW.firm_id", "NEW.id"),
    ),
    "account_text_changed": (
        "UPDATE OF search_text ON accounts",
        _retext("NEW.firm_id", "NEW.id"),
    ),
    "account_text_joined": (
        "INSERT ON account_contacts",
        _retext("NEW.firm_id", "NEW.account_id"),
    ),
    "account_text_left": (
        "DELETE ON account_contacts",
        _retext("OLD.firm_id", "OLD.account_id"),
    ),
    "account_text_moved": (
        "UPDATE OF account_id, contact_id ON account_contacts",
        _retext("NEW.firm_id", "OLD.account_id, NEW.account_id"),
    ),
    "contact_text_made": (
        "INSERT ON contacts",
        "INSERT INTO contact_texts (firm_id, id, place, text)"
        f" VALUES (NEW.firm_id, NEW.id, {_place('contact_texts')}, NEW.search_text);"
        # A contact may be written after its account contact.
        + _retext("NEW.firm_id", _ACCOUNTS_OF_CONTACT),
    ),
    "contact_text_changed": (
        "UPDATE OF search_text ON contacts",
        "UPDATE contact_texts SET text = NEW.search_text"
        " WHERE firm_id = NEW.firm_id AND id = NEW.id;"
        + _retext("NEW.firm_id", _ACCOUNTS_OF_CONTACT),
    ),
}


def _grams(row: str) -> str:
    """The tokens of a row: each three letters of each word, behind the firm's id."""
    return f"""(
        WITH RECURSIVE word (word, rest) AS (
            SELECT '', replace({row}.text, char(10), ' ') || ' '
            UNION ALL
            SELECT substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1)
            FROM word WHERE rest <> ''
        ), gram (gram, rest) AS (
            SELECT substr(word, 1, 3), substr(word, 2) FROM word WHERE length(word) > 2
            UNION ALL
            SELECT substr(rest, 1, 3), substr(rest, 2) FROM gram WHERE length(rest) > 2
        )
        SELECT group_concat({row}.firm_id || 'x' || hex(gram), ' ')
        FROM (SELECT DISTINCT gram FROM gram)
    )"""


def _fts5_triggers(subject: str) -> dict[str, tuple[str, str]]:
    grams = f"{subject}_grams"
    add = f"INSERT INTO {grams} (rowid, grams) VALUES (NEW.place, {_grams('NEW')});"
    remove = (
        f"INSERT INTO {grams} ({grams}, rowid, grams)"
        f" VALUES ('delete', OLD.place, {_grams('OLD')});"
    )
    return {
        f"{grams}_added": (f"INSERT ON {subject}_texts", add),
        f"{grams}_removed": (f"DELETE ON {subject}_texts", remove),
        f"{grams}_changed": (
            f"UPDATE OF text ON {subject}_texts WHEN OLD.text <> NEW.text",
            remove + add,
        ),
    }


def _on_sqlite() -> None:
    for subject in SUBJECTS:
        texts = f"{subject}_texts"
        try:
            op.execute(
                f"CREATE VIRTUAL TABLE {subject}_grams USING fts5 (grams, content = '',"
                " detail = none, columnsize = 0, tokenize = \"ascii tokenchars '_'\")"
            )
        except DBAPIError as error:
            raise MissingExtension("FTS5") from error
        op.create_index(f"ix_{texts}_place", texts, ["place"])
        for name, (events, statements) in _fts5_triggers(subject).items():
            op.execute(f"CREATE TRIGGER {name} AFTER {events} BEGIN {statements} END")
    numbered = "row_number() OVER (), text FROM ({})"
    op.execute(
        "INSERT INTO account_texts (firm_id, id, place, text) SELECT firm_id, id, "
        + numbered.format(ACCOUNT_TEXT.format(joined="group_concat(char(10) || c.search_text, '')"))
    )
    op.execute(
        "INSERT INTO contact_texts (firm_id, id, place, text) SELECT firm_id, id, "
        + numbered.format(CONTACT_TEXT)
    )
    for name, (events, statements) in _MAINTENANCE.items():
        op.execute(f"CREATE TRIGGER {name} AFTER {events} BEGIN {statements} END")
