"""Contacts that are merged, and all the addresses that one of them signs in with."""

from alembic import op

from migrations.shape import key, of_firm, unique, within, words
from tenancy.row_security import walls_down, walls_up

# ruff: noqa: S608 - the statements are made of constants

revision = "0009_merge"
down_revision = "0006_custom_fields"
branch_labels = None
depends_on = None

_OWN = "SELECT firm_id, id, id, email, email_key FROM contacts WHERE email IS NOT NULL"
_INTO = "INSERT INTO contact_addresses (firm_id, id, contact_id, email, email_key)"

# The contact's own row goes, with another that has the same address, and comes again.
_KEEP = f"""
    DELETE FROM contact_addresses WHERE firm_id = NEW.firm_id AND contact_id = NEW.id
        AND (id = NEW.id OR email_key = NEW.email_key);
    {_INTO} SELECT NEW.firm_id, NEW.id, NEW.id, NEW.email, NEW.email_key
        WHERE NEW.email IS NOT NULL AND NEW.email_key IS NOT NULL;
"""
_FUNCTION = f"""
CREATE FUNCTION keep_contact_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {_KEEP} RETURN NULL; END $$
"""
_TRIGGER = """
CREATE TRIGGER contact_address AFTER INSERT OR UPDATE OF email, email_key ON contacts
FOR EACH ROW EXECUTE FUNCTION keep_contact_address()
"""


def upgrade() -> None:
    of_firm(
        "contact_addresses",
        key("contact_id"),
        words("email"),
        key("email_key"),
        within("contact_addresses", "contact_id", "contacts", ondelete="CASCADE"),
        unique("contact_addresses", "firm_id", "contact_id", "email_key"),
    )
    op.create_index(
        "ix_contact_addresses_email", "contact_addresses", ["firm_id", "email_key", "contact_id"]
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in (
            *walls_down("contacts", "contact_addresses"),
            f"{_INTO} {_OWN}",
            # What is deferred to the end would keep the tables from being altered now.
            "SET CONSTRAINTS ALL IMMEDIATE",
            *walls_up("contacts", "contact_addresses"),
            _FUNCTION,
            _TRIGGER,
        ):
            op.execute(statement)
    else:
        op.execute(f"{_INTO} {_OWN}")
        for name, events in (("made", "INSERT"), ("changed", "UPDATE OF email, email_key")):
            op.execute(
                f"CREATE TRIGGER contact_address_{name} AFTER {events} ON contacts"
                f" BEGIN {_KEEP} END"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER contact_address ON contacts")
        op.execute("DROP FUNCTION keep_contact_address()")
    else:
        op.execute("DROP TRIGGER contact_address_made")
        op.execute("DROP TRIGGER contact_address_changed")
    op.drop_table("contact_addresses")
