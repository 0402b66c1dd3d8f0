"""The floor's statements, by hand: each looks the session up and builds the whole answer.

The parameters are the firm, the token's hash, the moment, and then the operation's own.
"""

from __future__ import annotations

from benchmarks.cases import FOUND, PAGE

_MEMBER = """
    SELECT 1 FROM sessions
        JOIN members ON members.firm_id = sessions.firm_id AND members.id = sessions.member_id
    WHERE sessions.firm_id = $1 AND sessions.token_hash = $2 AND sessions.expires_at > $3
        AND members.status = 'ACTIVE'
"""
# CROSS JOIN tells SQLite the order of its loops; PostgreSQL finds one by itself.
_PENDING = """
    (
        SELECT DISTINCT entry.account_id AS id
        FROM invitations CROSS JOIN account_contacts AS entry
        WHERE invitations.firm_id = $1 AND invitations.state = 'PENDING'
            AND entry.firm_id = $1 AND entry.id = invitations.account_contact_id AND entry.login
    ) AS invited CROSS JOIN accounts
    WHERE accounts.firm_id = $1 AND accounts.id = invited.id AND accounts.status = 'ACTIVE'
        AND NOT EXISTS (
            SELECT 1 FROM account_contacts AS entry CROSS JOIN contacts CROSS JOIN portal_users
            WHERE entry.firm_id = $1 AND entry.account_id = accounts.id AND entry.login
                AND contacts.firm_id = $1 AND contacts.id = entry.contact_id
                AND portal_users.firm_id = $1 AND portal_users.email_key = contacts.email_key
                AND portal_users.password_hash IS NOT NULL
        )
"""
_MATCHES = r"""
    (accounts.search_text LIKE {word} ESCAPE '\' OR EXISTS (
        SELECT 1 FROM account_contacts AS entry CROSS JOIN contacts
        WHERE entry.firm_id = $1 AND entry.account_id = accounts.id
            AND contacts.firm_id = $1 AND contacts.id = entry.contact_id
            AND contacts.search_text LIKE {word} ESCAPE '\'
    ))
"""
_OPEN = """
    SELECT DISTINCT accounts.id, accounts.name, accounts.type, accounts.name_key
    FROM contacts CROSS JOIN account_contacts AS entry CROSS JOIN accounts
    WHERE contacts.firm_id = $1 AND contacts.email_key = person.email_key
        AND entry.firm_id = $1 AND entry.contact_id = contacts.id AND entry.login
        AND accounts.firm_id = $1 AND accounts.id = entry.account_id AND accounts.status = 'ACTIVE'
    ORDER BY accounts.name_key, accounts.id
"""


class Dialect:
    """How a database spells JSON."""

    def __init__(self, *, postgresql: bool) -> None:
        self._postgresql = postgresql

    def object(self, **fields: str) -> str:
        """A JSON object with an expression for each field."""
        function = "json_build_object" if self._postgresql else "json_object"
        pairs = ", ".join(f"'{name}', {sql}" for name, sql in fields.items())
        return f"{function}({pairs})"

    def array(self, item: str, rows: str) -> str:
        """A JSON array of *item* (over `r`) for the rows of a statement, in its order."""
        function = "json_agg" if self._postgresql else "json_group_array"
        text = f"(SELECT {function}({item}) FROM ({rows}) AS r)"
        if self._postgresql:
            return f"COALESCE({text}, '[]'::json)"
        # As an argument of another function it would be taken for text.
        return f"json({text})"

    def switch(self, column: str) -> str:
        """A boolean as JSON has it."""
        if self._postgresql:
            return column
        return f"json(CASE WHEN {column} THEN 'true' ELSE 'false' END)"

    def asked_by(self, who: str, answer: str) -> str:
        """The statement that answers where the session is there, and else with null."""
        end = "::text" if self._postgresql else ""
        return f"SELECT (CASE WHEN EXISTS ({who}) THEN ({answer}) END){end}"


def statements(*, postgresql: bool) -> dict[str, str]:
    """The statement of every operation; of `search` one for each number of words."""
    sql = Dialect(postgresql=postgresql)
    listed = sql.object(id="r.id", number="r.number", name="r.name")
    contacts = sql.array(
        sql.object(login=sql.switch("r.login"), id="r.id", name="r.name", email="r.email"),
        """
        SELECT entry.login, contacts.id, contacts.name, contacts.email
        FROM account_contacts AS entry
            JOIN contacts ON contacts.firm_id = entry.firm_id AND contacts.id = entry.contact_id
        WHERE entry.firm_id = $1 AND entry.account_id = page.id ORDER BY entry.id
        """,
    )
    tags = sql.array(
        sql.object(name="r.name", color="r.color"),
        """
        SELECT tags.name, tags.color FROM account_tags AS tagging
            JOIN tags ON tags.firm_id = tagging.firm_id AND tags.id = tagging.tag_id
        WHERE tagging.firm_id = $1 AND tagging.account_id = page.id ORDER BY tags.name_key
        """,
    )
    page = sql.array(
        sql.object(
            number="r.number", name="r.name", type="r.type", contacts="r.contacts", tags="r.tags"
        )
        if postgresql
        else sql.object(
            number="r.number",
            name="r.name",
            type="r.type",
            contacts="json(r.contacts)",
            tags="json(r.tags)",
        ),
        f"""
        SELECT number, name, type, {contacts} AS contacts, {tags} AS tags FROM (
            SELECT id, number, name, type, name_key FROM accounts
            WHERE firm_id = $1 AND status = 'ACTIVE' AND (name_key, id) > ($4, $5)
            ORDER BY name_key, id LIMIT {PAGE}
        ) AS page ORDER BY name_key, id
        """,
    )
    of_contact = sql.array(
        sql.object(login=sql.switch("r.login"), account=listed),
        """
        SELECT entry.login, accounts.id, accounts.number, accounts.name
        FROM account_contacts AS entry
            JOIN accounts ON accounts.firm_id = entry.firm_id AND accounts.id = entry.account_id
        WHERE entry.firm_id = $1 AND entry.contact_id = $4 ORDER BY entry.id
        """,
    )
    contact = sql.object(name="contacts.name", accounts=of_contact)
    total = f"(SELECT count(*) FROM {_PENDING})"
    pending = sql.array(
        listed,
        f"""
        SELECT accounts.id, accounts.number, accounts.name FROM {_PENDING}
        ORDER BY accounts.name_key, accounts.id LIMIT {PAGE}
        """,
    )
    opened = sql.array(sql.object(id="r.id", name="r.name", type="r.type"), _OPEN)
    viewer = sql.object(email="person.email", firstName="person.first_name", accounts=opened)
    small = sql.object(number="number", name="name")
    one = "FROM accounts WHERE firm_id = $1 AND id = $4"
    ending = "::text" if postgresql else ""
    return {
        "page": sql.asked_by(_MEMBER, f"SELECT {page}"),
        "small": sql.asked_by(_MEMBER, f"SELECT {small} {one}"),
        "contact_accounts": sql.asked_by(
            _MEMBER, f"SELECT {contact} FROM contacts WHERE firm_id = $1 AND id = $4"
        ),
        "pending": sql.asked_by(_MEMBER, f"SELECT {sql.object(total=total, accounts=pending)}"),
        **{
            f"search {count}": sql.asked_by(_MEMBER, f"SELECT {_found(sql, listed, count)}")
            for count in range(1, 4)
        },
        "viewer": f"""
            SELECT {viewer}{ending}
            FROM sessions JOIN portal_users AS person
                ON person.firm_id = sessions.firm_id AND person.id = sessions.portal_user_id
            WHERE sessions.firm_id = $1 AND sessions.token_hash = $2 AND sessions.expires_at > $3
        """,
    }


def _found(sql: Dialect, listed: str, count: int) -> str:
    matches = " AND ".join(_MATCHES.format(word=f"${4 + place}") for place in range(count))
    found = sql.array(
        listed,
        f"""
        SELECT id, number, name FROM accounts
        WHERE firm_id = $1 AND status = 'ACTIVE' AND {matches}
        ORDER BY name_key, id LIMIT {FOUND}
        """,
    )
    return sql.object(accounts=found)
