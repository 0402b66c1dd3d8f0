"""The function that the search asks on PostgreSQL, at each of its revisions."""

from __future__ import annotations


def found(subject: str, schema: str | None, *, few: int = 0) -> str:
    """Makes the function that finds the texts of *subject*, in the place of the one before.

    It acts as its owner, whom the policy `searching` lets see every text (see
    `tenancy.row_security`), and it answers with the firm's own ids alone: from the index, or in a
    firm that has no more than *few* texts by a look at each.
    """
    return rf"""
    CREATE OR REPLACE FUNCTION found_{subject}s(words text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    DECLARE
        firm text := NULLIF(current_setting('mandant.firm', true), '');
        conditions text;
    BEGIN
        {_look_at_each(subject, few) if few else ""}
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
    END $$
    """  # noqa: E501, S608 - of our own names


def _look_at_each(subject: str, few: int) -> str:
    return f"""
        IF (
            SELECT count(*) <= {few}
            FROM (SELECT 1 FROM {subject}_texts WHERE firm_id = firm LIMIT {few} + 1) AS seen
        ) THEN
            RETURN QUERY SELECT id FROM {subject}_texts
                WHERE firm_id = firm AND NOT EXISTS (
                    SELECT FROM json_array_elements(words::json) AS word WHERE NOT EXISTS (
                        SELECT FROM json_array_elements_text(word) AS spelling
                        WHERE strpos(text, spelling) > 0
                    )
                );
            RETURN;
        END IF;
    """  # noqa: S608 - of our own names
