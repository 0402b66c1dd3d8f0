"""The search looks at every text of a firm that has few: on PostgreSQL that is quicker than the
index, whose lists of what holds three letters are those of all firms."""

import sqlalchemy as sa
from alembic import op

# ruff: noqa: S608 - the statements are made of constants

revision = "0013_search_in_few"
down_revision = "0012_audit"
branch_labels = None
depends_on = None

_FEW = 200
"""Texts. So many are looked at in the time that the index takes for a firm among ten thousand."""

# Which rows have every word, each in one of its spellings. The function acts as its owner, whom
# the policy `searching` lets see every text, and answers with the firm's own ids alone.
_HEAD = """
CREATE OR REPLACE FUNCTION found_{subject}s(words text) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
"""
_BY_INDEX = r"""
    SELECT string_agg(format('(%s)', (
        SELECT string_agg(
            format('text LIKE %L', '%' || regexp_replace(spelling, '([\\%_])', '\\\1', 'g') || '%'),
            ' OR '
        )
        FROM json_array_elements_text(word) AS spelling
    )), ' AND ')
    INTO conditions FROM json_array_elements(words::json) AS word;
    RETURN QUERY EXECUTE
        'SELECT id FROM {subject}_texts WHERE firm_id = $1 AND ' || conditions
        USING firm;
"""
_BY_EITHER = f"""
DECLARE
    firm text := NULLIF(current_setting('mandant.firm', true), '');
    conditions text;
BEGIN
    IF (
        SELECT count(*) <= {_FEW}
        FROM (SELECT 1 FROM {{subject}}_texts WHERE firm_id = firm LIMIT {_FEW} + 1) AS few
    ) THEN
        RETURN QUERY SELECT id FROM {{subject}}_texts
            WHERE firm_id = firm AND NOT EXISTS (
                SELECT FROM json_array_elements(words::json) AS word WHERE NOT EXISTS (
                    SELECT FROM json_array_elements_text(word) AS spelling
                    WHERE strpos(text, spelling) > 0
                )
            );
        RETURN;
    END IF;
{_BY_INDEX}
END $$
"""
_BY_INDEX_ALONE = f"""
DECLARE
    firm text := NULLIF(current_setting('mandant.firm', true), '');
    conditions text;
BEGIN
{_BY_INDEX}
END $$
"""


def upgrade() -> None:
    _replace(_BY_EITHER)


def downgrade() -> None:
    _replace(_BY_INDEX_ALONE)


def _replace(body: str) -> None:
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
    for subject in ("account", "contact"):
        text = (_HEAD + body).replace("{subject}", subject).replace("{schema}", schema)
        bind.exec_driver_sql(text)
