"""Folder templates: trees of folders that accounts start with."""

import sqlalchemy as sa
from alembic import op

from migrations.shape import key, of_firm, one_of, switch, unique, within, words

revision = "0005_folder_templates"
down_revision = "0004_portal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    of_firm(
        "folder_templates",
        words("name"),
        key("name_key"),
        switch("is_default"),
        unique("folder_templates", "firm_id", "name_key"),
    )
    op.create_index(
        "uq_folder_templates_default",
        "folder_templates",
        ["firm_id"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    of_firm(
        "template_folders",
        key("template_id"),
        words("name"),
        words("path"),
        key("path_key"),
        key("parent_key"),
        words("access"),
        within("template_folders", "template_id", "folder_templates", ondelete="CASCADE"),
        unique("template_folders", "firm_id", "template_id", "path_key"),
        one_of("template_folders", "access", "PRIVATE", "VIEW", "UPLOAD"),
    )


def downgrade() -> None:
    op.drop_table("template_folders")
    op.drop_table("folder_templates")
