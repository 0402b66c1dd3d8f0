"""The search looks at every text of a firm that has few: on PostgreSQL that is quicker than the
index, whose lists of what holds three letters are those of all firms."""

import sqlalchemy as sa
from alembic import op

from migrations.search import found

revision = "0013_search_in_few"
down_revision = "0012_audit"
branch_labels = None
depends_on = None

_FEW = 200
"""Texts. So many are looked at in the time that the index takes for a firm among ten thousand."""


def upgrade() -> None:
    _replace(few=_FEW)


def downgrade() -> None:
    _replace(few=0)


def _replace(*, few: int) -> None:
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
    for subject in ("account", "contact"):
        bind.exec_driver_sql(found(subject, schema, few=few))
