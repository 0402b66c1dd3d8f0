"""Tags, and the accounts and contacts that carry them."""

from alembic import op

from migrations.shape import key, moment, of_firm, unique, within, words

revision = "0002_tags"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    of_firm(
        "tags",
        words("name"),
        key("name_key"),
        words("color"),
        moment("created_at"),
        unique("tags", "firm_id", "name_key"),
    )
    of_firm(
        "account_tags",
        key("account_id"),
        key("tag_id"),
        within("account_tags", "account_id", "accounts", ondelete="CASCADE"),
        within("account_tags", "tag_id", "tags", ondelete="CASCADE"),
        unique("account_tags", "firm_id", "account_id", "tag_id"),
    )
    op.create_index("ix_account_tags_tag", "account_tags", ["firm_id", "tag_id", "account_id"])
    of_firm(
        "contact_tags",
        key("contact_id"),
        key("tag_id"),
        within("contact_tags", "contact_id", "contacts", ondelete="CASCADE"),
        within("contact_tags", "tag_id", "tags", ondelete="CASCADE"),
        unique("contact_tags", "firm_id", "contact_id", "tag_id"),
    )
    op.create_index("ix_contact_tags_tag", "contact_tags", ["firm_id", "tag_id", "contact_id"])


def downgrade() -> None:
    for table in ("contact_tags", "account_tags", "tags"):
        op.drop_table(table)
