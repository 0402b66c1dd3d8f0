"""The portal's face, and clients who sign up by themselves."""

from alembic import op

from migrations.shape import (
    key,
    moment,
    number,
    octets,
    of_firm,
    one_of,
    switch,
    unique,
    words,
)

revision = "0004_portal"
down_revision = "0003_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("firms", words("accent_color", null=True))
    op.add_column("firms", octets("logo"))
    op.add_column("firms", words("logo_digest", null=True))
    of_firm(
        "sign_ups",
        words("email"),
        key("email_key"),
        words("type"),
        words("first_name"),
        words("last_name"),
        words("company_name", null=True),
        words("phone", null=True),
        words("locale"),
        number("counter"),
        switch("used"),
        moment("expires_at"),
        unique("sign_ups", "firm_id", "email_key"),
        one_of("sign_ups", "type", "INDIVIDUAL", "COMPANY"),
        one_of("sign_ups", "locale", "DE", "EN"),
    )
    op.create_index("ix_sign_ups_age", "sign_ups", ["firm_id", "expires_at"])


def downgrade() -> None:
    op.drop_table("sign_ups")
    for column in ("logo_digest", "logo", "accent_color"):
        op.drop_column("firms", column)
