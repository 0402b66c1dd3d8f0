"""The tables as they were at first."""

import sqlalchemy as sa
from alembic import op

from migrations.invariants import drop_invariants, hold_invariants
from migrations.shape import (
    check,
    document,
    key,
    moment,
    number,
    of_firm,
    one_of,
    switch,
    unique,
    within,
    words,
)
from tenancy.row_security import protect, show_by_slug, show_to_delivery

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None

# Parents first. `throttles` is the deployment's own, and holds no firm's data.
TABLES = (
    "firms",
    "throttles",
    "accounts",
    "contacts",
    "counters",
    "idempotency_keys",
    "members",
    "portal_users",
    "account_assignees",
    "account_contacts",
    "folders",
    "notifications",
    "password_resets",
    "phones",
    "sessions",
    "invitations",
    "mails",
)


def upgrade() -> None:
    op.create_table(
        "firms",
        key("id"),
        words("name"),
        key("slug"),
        words("locale"),
        words("time_zone"),
        switch("sign_up_enabled"),
        moment("created_at"),
        unique("firms", "slug"),
        one_of("firms", "locale", "DE", "EN"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firms")),
    )
    op.create_table(
        "throttles",
        words("key"),
        number("count"),
        moment("blocked_until", null=True),
        moment("updated_at"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
    )
    of_firm(
        "accounts",
        key("number"),
        words("external_reference", null=True),
        words("type"),
        words("status"),
        words("name"),
        key("name_key"),
        words("search_text"),
        words("company_name", null=True),
        document("company_address", null=True),
        words("created_via"),
        moment("created_at"),
        moment("updated_at"),
        unique("accounts", "firm_id", "number"),
        unique("accounts", "firm_id", "external_reference"),
        one_of("accounts", "type", "INDIVIDUAL", "COMPANY", "OTHER"),
        one_of("accounts", "status", "ACTIVE", "ARCHIVED"),
        one_of("accounts", "created_via", "MEMBER", "IMPORT", "SIGN_UP"),
    )
    op.create_index(
        "ix_accounts_by_creation", "accounts", ["firm_id", "status", "created_at", "id"]
    )
    op.create_index("ix_accounts_by_name", "accounts", ["firm_id", "status", "name_key", "id"])
    op.create_index("ix_accounts_by_update", "accounts", ["firm_id", "status", "updated_at", "id"])
    of_firm(
        "contacts",
        words("external_reference", null=True),
        words("first_name", null=True),
        words("middle_name", null=True),
        words("last_name", null=True),
        words("name"),
        words("company_name", null=True),
        words("email", null=True),
        key("email_key", null=True),
        document("address", null=True),
        words("locale", null=True),
        key("first_name_key"),
        key("last_name_key"),
        words("search_text"),
        moment("created_at"),
        moment("updated_at"),
        unique("contacts", "firm_id", "external_reference"),
        one_of("contacts", "locale", "DE", "EN"),
    )
    op.create_index("ix_contacts_by_creation", "contacts", ["firm_id", "created_at", "id"])
    op.create_index("ix_contacts_by_email", "contacts", ["firm_id", "email_key", "id"])
    op.create_index("ix_contacts_by_first_name", "contacts", ["firm_id", "first_name_key", "id"])
    op.create_index("ix_contacts_by_last_name", "contacts", ["firm_id", "last_name_key", "id"])
    of_firm(
        "counters",
        number("value"),
    )
    of_firm(
        "idempotency_keys",
        words("operation"),
        words("key"),
        words("fingerprint"),
        document("answer"),
        moment("created_at"),
        unique("idempotency_keys", "firm_id", "operation", "key"),
    )
    op.create_index("ix_idempotency_keys_age", "idempotency_keys", ["firm_id", "created_at"])
    of_firm(
        "members",
        words("email"),
        key("email_key"),
        words("first_name"),
        words("last_name"),
        words("role"),
        document("permissions"),
        words("status"),
        words("locale"),
        words("password_hash", null=True),
        moment("created_at"),
        unique("members", "firm_id", "email_key"),
        one_of("members", "role", "OWNER", "ADMIN", "EMPLOYEE"),
        one_of("members", "status", "INVITED", "ACTIVE", "DEACTIVATED"),
        one_of("members", "locale", "DE", "EN"),
    )
    of_firm(
        "portal_users",
        words("email"),
        key("email_key"),
        words("first_name", null=True),
        words("last_name", null=True),
        words("locale"),
        words("password_hash", null=True),
        moment("created_at"),
        unique("portal_users", "firm_id", "email_key"),
        one_of("portal_users", "locale", "DE", "EN"),
    )
    of_firm(
        "account_assignees",
        key("account_id"),
        key("member_id"),
        within("account_assignees", "account_id", "accounts", ondelete="CASCADE"),
        within("account_assignees", "member_id", "members", ondelete="CASCADE"),
        unique("account_assignees", "firm_id", "account_id", "member_id"),
    )
    op.create_index("ix_account_assignees_member", "account_assignees", ["firm_id", "member_id"])
    of_firm(
        "account_contacts",
        key("account_id"),
        key("contact_id"),
        switch("login"),
        switch("notify"),
        switch("sync"),
        moment("created_at"),
        within("account_contacts", "account_id", "accounts", ondelete="CASCADE"),
        within("account_contacts", "contact_id", "contacts"),
        unique("account_contacts", "firm_id", "account_id", "contact_id"),
    )
    op.create_index(
        "ix_account_contacts_account", "account_contacts", ["firm_id", "account_id", "id"]
    )
    op.create_index(
        "ix_account_contacts_contact", "account_contacts", ["firm_id", "contact_id", "id"]
    )
    of_firm(
        "folders",
        key("account_id"),
        words("name"),
        words("path"),
        key("path_key"),
        words("access"),
        within("folders", "account_id", "accounts", ondelete="CASCADE"),
        unique("folders", "firm_id", "account_id", "path_key"),
        one_of("folders", "access", "PRIVATE", "VIEW", "UPLOAD"),
    )
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
        one_of(
            "notifications",
            "kind",
            "CLIENT_ACTIVATED",
            "CLIENT_SIGNED_UP",
            "INVITATION_BOUNCED",
            "IMPORT_FINISHED",
            "EMAIL_RECEIVED",
        ),
    )
    op.create_index("ix_notifications_inbox", "notifications", ["firm_id", "member_id", "id"])
    of_firm(
        "password_resets",
        key("member_id", null=True),
        key("portal_user_id", null=True),
        number("counter"),
        switch("used"),
        moment("expires_at"),
        within("password_resets", "member_id", "members", ondelete="CASCADE"),
        within("password_resets", "portal_user_id", "portal_users", ondelete="CASCADE"),
        unique("password_resets", "firm_id", "member_id"),
        unique("password_resets", "firm_id", "portal_user_id"),
        check("password_resets", "one_person", "(member_id IS NULL) <> (portal_user_id IS NULL)"),
    )
    of_firm(
        "phones",
        key("contact_id"),
        number("position"),
        key("number"),
        words("type"),
        within("phones", "contact_id", "contacts", ondelete="CASCADE"),
        unique("phones", "firm_id", "contact_id", "position"),
        one_of("phones", "type", "MOBILE", "WORK", "HOME", "FAX", "OTHER"),
    )
    of_firm(
        "sessions",
        key("token_hash"),
        key("member_id", null=True),
        key("portal_user_id", null=True),
        key("current_account_id", null=True),
        words("user_agent", null=True),
        words("ip_address", null=True),
        moment("created_at"),
        moment("last_used_at"),
        moment("expires_at"),
        within("sessions", "member_id", "members", ondelete="CASCADE"),
        within("sessions", "portal_user_id", "portal_users", ondelete="CASCADE"),
        unique("sessions", "firm_id", "token_hash"),
        check("sessions", "one_person", "(member_id IS NULL) <> (portal_user_id IS NULL)"),
    )
    op.create_index("ix_sessions_member", "sessions", ["firm_id", "member_id"])
    op.create_index("ix_sessions_portal_user", "sessions", ["firm_id", "portal_user_id"])
    of_firm(
        "invitations",
        key("account_contact_id"),
        words("email"),
        key("email_key"),
        words("state"),
        words("message", null=True),
        number("counter"),
        number("send_count"),
        words("delivery"),
        key("sent_by_id", null=True),
        moment("sent_at"),
        moment("expires_at"),
        moment("accepted_at", null=True),
        within("invitations", "account_contact_id", "account_contacts", ondelete="CASCADE"),
        within("invitations", "sent_by_id", "members"),
        one_of("invitations", "state", "PENDING", "ACCEPTED", "REVOKED"),
        one_of("invitations", "delivery", "QUEUED", "SENT", "FAILED"),
    )
    op.create_index(
        "ix_invitations_account_contact", "invitations", ["firm_id", "account_contact_id", "id"]
    )
    op.create_index(
        "uq_invitations_live",
        "invitations",
        ["firm_id", "account_contact_id"],
        unique=True,
        sqlite_where=sa.text("state = 'PENDING'"),
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    of_firm(
        "mails",
        words("template"),
        words("recipient"),
        words("locale"),
        document("content"),
        key("invitation_id", null=True),
        words("state"),
        number("attempts"),
        moment("due_at"),
        moment("created_at"),
        moment("sent_at", null=True),
        words("failure", null=True),
        within("mails", "invitation_id", "invitations", ondelete="CASCADE"),
        one_of("mails", "state", "QUEUED", "SENT", "FAILED"),
        one_of("mails", "locale", "DE", "EN"),
    )
    op.create_index(
        "ix_mails_due",
        "mails",
        ["due_at"],
        sqlite_where=sa.text("state = 'QUEUED'"),
        postgresql_where=sa.text("state = 'QUEUED'"),
    )
    op.create_index("ix_mails_invitation", "mails", ["firm_id", "invitation_id"])
    hold_invariants()
    if op.get_bind().dialect.name == "postgresql":
        for statement in (
            *protect("firms", "id"),
            *show_by_slug("firms"),
            *show_to_delivery("mails"),
        ):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    drop_invariants()
