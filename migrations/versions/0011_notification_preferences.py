"""What members want to be told, and how."""

from alembic import op

from migrations.shape import key, of_firm, switch, unique, within, words

revision = "0011_notification_preferences"
down_revision = "0010_members"
branch_labels = None
depends_on = None


def upgrade() -> None:
    of_firm(
        "notification_preferences",
        key("member_id"),
        words("kind"),
        switch("inbox", null=True),
        switch("email", null=True),
        within("notification_preferences", "member_id", "members", ondelete="CASCADE"),
        unique("notification_preferences", "firm_id", "member_id", "kind"),
    )


def downgrade() -> None:
    op.drop_table("notification_preferences")
