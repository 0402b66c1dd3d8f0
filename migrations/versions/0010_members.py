"""Members who are invited by mail, what the firm is told of them, and what they alone made."""

from collections.abc import Sequence

from alembic import op

from migrations.shape import key, moment, number, of_firm, one_of, unique, within, words

revision = "0010_members"
down_revision = "0009_merge"
branch_labels = None
depends_on = None

_BEFORE = (
    "CLIENT_ACTIVATED",
    "CLIENT_SIGNED_UP",
    "INVITATION_BOUNCED",
    "IMPORT_FINISHED",
    "EMAIL_RECEIVED",
)
_NEW = ("MEMBER_JOINED", "MEMBER_DEACTIVATED")
_COLUMNS = "firm_id, id, member_id, kind, title, body, account_id, url, read_at, created_at"


def upgrade() -> None:
    of_firm(
        "member_invitations",
        key("member_id"),
        key("invited_by_id"),
        number("counter"),
        moment("sent_at"),
        moment("expires_at"),
        within("member_invitations", "member_id", "members", ondelete="CASCADE"),
        within("member_invitations", "invited_by_id", "members"),
        unique("member_invitations", "firm_id", "member_id"),
    )
    of_firm(
        "contact_authors",
        key("contact_id"),
        key("member_id"),
        within("contact_authors", "contact_id", "contacts", ondelete="CASCADE"),
        within("contact_authors", "member_id", "members", ondelete="CASCADE"),
        unique("contact_authors", "firm_id", "contact_id"),
    )
    _let_kinds_be((*_BEFORE, *_NEW))


def downgrade() -> None:
    kinds = ", ".join(f"'{kind}'" for kind in _NEW)
    op.execute(f"DELETE FROM notifications WHERE kind IN ({kinds})")  # noqa: S608 - constants
    _let_kinds_be(_BEFORE)
    op.drop_table("contact_authors")
    op.drop_table("member_invitations")


def _let_kinds_be(kinds: Sequence[str]) -> None:
    """A notification is of one of *kinds*. SQLite cannot change that of a table that is there."""
    allowed = one_of("notifications", "kind", *kinds)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_notifications_kind"), "notifications")
        op.create_check_constraint(
            op.f("ck_notifications_kind"), "notifications", str(allowed.sqltext)
        )
        return
    op.drop_index("ix_notifications_inbox")
    op.rename_table("notifications", "notifications_before")
    of_firm(
        "notifications",
        key("member_id"),
        words("kind"),
        words("title"),
        words("body", null=True),
        key("account_id", null=True),
        words("url", null=True),
        moment("read_at", null=True),
        moment("created_at"),
        within("notifications", "member_id", "members", ondelete="CASCADE"),
        within("notifications", "account_id", "accounts", ondelete="CASCADE"),
        allowed,
    )
    op.execute(
        f"INSERT INTO notifications ({_COLUMNS})"  # noqa: S608 - constants
        f" SELECT {_COLUMNS} FROM notifications_before"
    )
    op.drop_table("notifications_before")
    op.create_index("ix_notifications_inbox", "notifications", ["firm_id", "member_id", "id"])
