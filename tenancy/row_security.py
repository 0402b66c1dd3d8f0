"""The wall inside PostgreSQL: row-level policies, and the role that they hold for.

A transaction says who it is by settings that end with it: `mandant.firm` (an id),
`mandant.slug` (while a firm is looked up) and `mandant.delivery` (`on` while the outbox is
looked through). A setting that was made once is '' afterwards, hence NULLIF; '' and none at
all let nothing through.
"""

from __future__ import annotations

ROLE = "mandant_app"
"""What the application acts as: no superuser, no owner, and may not bypass the policies."""

APPEND_ONLY = "audit_events"
"""The table that the application reads and adds to, and can neither change nor delete from."""

_FIRM = "NULLIF(current_setting('mandant.firm', true), '')"
_SLUG = "NULLIF(current_setting('mandant.slug', true), '')"


def protect(table: str, column: str = "firm_id") -> list[str]:
    """The statements that show a firm the rows of *table* whose *column* is its id, and no other.

    Every table of firms gets them in the migration that creates it. They bind the table's
    owner too: a later migration that rewrites rows, run by an owner who is no superuser, has
    to lift that (`NO FORCE ROW LEVEL SECURITY`) for the length of its transaction.
    """
    condition = f"{column} = {_FIRM}"
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_firm ON {table} USING ({condition}) WITH CHECK ({condition})",
    ]


def show_by_slug(table: str) -> list[str]:
    """Shows the one row of *table* whose slug the transaction names; to be read, not written."""
    return [f"CREATE POLICY by_slug ON {table} FOR SELECT USING (slug = {_SLUG})"]


def show_to_delivery(table: str) -> list[str]:
    """Shows all rows of *table* to the worker that looks for what is due; not to be written."""
    condition = "current_setting('mandant.delivery', true) = 'on'"
    return [f"CREATE POLICY delivery ON {table} FOR SELECT USING ({condition})"]


def append_only(table: str) -> list[str]:
    """Lets a firm read and add to *table*, which `protect` has walled, and do nothing else."""
    condition = f"firm_id = {_FIRM}"
    return [
        f"DROP POLICY own_firm ON {table}",
        f"CREATE POLICY own_firm ON {table} FOR SELECT USING ({condition})",
        f"CREATE POLICY own_firm_added ON {table} FOR INSERT WITH CHECK ({condition})",
    ]


def walls_down(*tables: str) -> list[str]:
    """Lets the owner of *tables* see all their rows, for the length of a migration that reads
    or rewrites them: `walls_up` has to follow in the same transaction."""
    return [f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in tables]


def walls_up(*tables: str) -> list[str]:
    """Binds the owner of *tables* again."""
    return [f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY" for table in tables]


# Other databases of the same server share the role and may create it at this very moment.
_CREATE_ROLE = f"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
EXCEPTION
    WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN NULL;
END $$
"""

MAY_BECOME_ROLE = f"""
SELECT count(*) FROM pg_roles WHERE rolname = '{ROLE}' AND pg_has_role(
    session_user, oid,
    CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END
)
"""  # noqa: S608 - the role's name is a constant
"""1 where the login role can act as `ROLE`, else 0. From PostgreSQL 16 on, membership alone
does not say so."""

_JOIN_ROLE = f"""
DO $$
BEGIN
    IF ({MAY_BECOME_ROLE}) = 0 THEN
        EXECUTE format('GRANT {ROLE} TO %I', session_user);
    END IF;
EXCEPTION
    WHEN insufficient_privilege OR undefined_object OR unique_violation THEN NULL;
END $$
"""

_GRANT = f"""
DO $$
DECLARE
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO {ROLE}', current_schema());
    FOR name IN
        SELECT tablename FROM pg_tables
        WHERE schemaname = current_schema() AND tablename <> 'alembic_version'
        ORDER BY tablename
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {ROLE}', name);
        IF name = '{APPEND_ONLY}' THEN
            EXECUTE format('REVOKE UPDATE, DELETE ON %I FROM {ROLE}', name);
        END IF;
    END LOOP;
END $$
"""  # noqa: S608 - the role's name is a constant


# The tables that are searched by an index, and the function that asks it.
_PAIRS = "(ARRAY['account_texts', 'found_accounts']), (ARRAY['contact_texts', 'found_contacts'])"

_POLICY = "searching"

# An index for words is of no use behind a policy: PostgreSQL looks at the policy first, at each
# row. The function that asks the index acts as its owner; where the application acts as another
# role, the owner need not be bound, since the function has the firm's condition inside. Where the
# application would act as the owner itself, its wall stays, and a search reads the firm's rows.
_SEARCH = f"""
DO $$
DECLARE
    place text;
    asks text;
    owner name;
BEGIN
    FOR place, asks, owner IN
        SELECT pair[1], pair[2], rolname
        FROM (VALUES {_PAIRS}) AS pairs (pair)
        JOIN pg_proc ON proname = pair[2] AND pronamespace = current_schema()::regnamespace
        JOIN pg_roles ON pg_roles.oid = proowner
    LOOP
        EXECUTE format('DROP POLICY IF EXISTS {_POLICY} ON %I', place);
        EXECUTE format('REVOKE ALL ON FUNCTION %I(text) FROM PUBLIC', asks);
        IF ({MAY_BECOME_ROLE}) = 1 THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %I(text) TO {ROLE}', asks);
            EXECUTE format(
                'CREATE POLICY {_POLICY} ON %I FOR SELECT TO %I USING (true)', place, owner
            );
        END IF;
    END LOOP;
END $$
"""  # noqa: S608 - constants

UNSAFE = f"""
SELECT rolname, rolsuper OR rolbypassrls OR EXISTS (
    SELECT FROM pg_policy CROSS JOIN unnest(polroles) AS seer
    WHERE polname = '{_POLICY}' AND seer <> 0 AND pg_has_role(current_user, seer, 'USAGE')
) FROM pg_roles WHERE rolname = current_user
"""  # noqa: S608 - constants
"""The role that acts, and whether it can see past the policies."""


def let_application_in() -> list[str]:
    """The statements that make `ROLE`, let the login role become it, and let it use the tables.

    Run after every upgrade, and harmless when repeated, so that a database that was moved to
    another server is put right by migrating it. What the login role may not do is left out;
    `Database.refuse_unsafe_role` then says what is missing.
    """
    return [_CREATE_ROLE, _JOIN_ROLE, _GRANT, _SEARCH]
