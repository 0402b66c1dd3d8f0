"""Custom fields of accounts and contacts, and their values."""

from alembic import op

from migrations.shape import key, number, of_firm, one_of, switch, unique, within, words

revision = "0006_custom_fields"
down_revision = "0005_folder_templates"
branch_labels = None
depends_on = None

TYPES = ("TEXT", "NUMBER", "DATE", "CHECKBOX", "EMAIL", "PHONE", "URL", "SELECT", "MULTI_SELECT")
VALUES = {"account_field_values": "account", "contact_field_values": "contact"}


def upgrade() -> None:
    of_firm(
        "custom_fields",
        words("target"),
        words("type"),
        words("name"),
        key("name_key"),
        switch("required"),
        number("position"),
        unique("custom_fields", "firm_id", "target", "name_key"),
        one_of("custom_fields", "target", "ACCOUNT", "CONTACT"),
        one_of("custom_fields", "type", *TYPES),
    )
    of_firm(
        "custom_field_options",
        key("field_id"),
        words("name"),
        key("name_key"),
        number("position"),
        within("custom_field_options", "field_id", "custom_fields", ondelete="CASCADE"),
    )
    op.create_index(
        "ix_custom_field_options_field",
        "custom_field_options",
        ["firm_id", "field_id", "position"],
    )
    for table, subject in VALUES.items():
        of_firm(
            table,
            key("field_id"),
            key("option_id", null=True),
            key("slot"),
            number("position"),
            words("value"),
            key("key"),
            words("search_text"),
            key(f"{subject}_id"),
            within(table, f"{subject}_id", f"{subject}s", ondelete="CASCADE"),
            within(table, "field_id", "custom_fields", ondelete="CASCADE"),
            within(table, "option_id", "custom_field_options", ondelete="CASCADE"),
        )
        op.create_index(f"ix_{table}_key", table, ["firm_id", "field_id", "key"])
        op.create_index(f"ix_{table}_option", table, ["firm_id", "option_id"])
        # The last: of indexes that look alike while it knows nothing of the rows yet, PostgreSQL
        # takes the newest, and this is the one that values are read by.
        op.create_index(
            f"uq_{table}_slot", table, ["firm_id", f"{subject}_id", "field_id", "slot"], unique=True
        )


def downgrade() -> None:
    for table in (*VALUES, "custom_field_options", "custom_fields"):
        op.drop_table(table)
