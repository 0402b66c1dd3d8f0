-- What PostGraphile cannot derive from the tables alone, as its documentation recommends:
-- functions, in a schema of their own beside the tables. PostgreSQL inlines them.
DROP SCHEMA IF EXISTS postgraphile CASCADE;
CREATE SCHEMA postgraphile;

CREATE FUNCTION postgraphile.pending_accounts(firm text) RETURNS SETOF accounts
LANGUAGE sql STABLE AS $$
    SELECT accounts.* FROM accounts
    WHERE firm_id = firm AND status = 'ACTIVE'
        AND id IN (
            SELECT entry.account_id
            FROM invitations JOIN account_contacts AS entry
                ON entry.firm_id = invitations.firm_id AND entry.id = invitations.account_contact_id
            WHERE invitations.firm_id = firm AND invitations.state = 'PENDING' AND entry.login
        )
        AND NOT EXISTS (
            SELECT FROM account_contacts AS entry
                JOIN contacts ON contacts.firm_id = entry.firm_id
                    AND contacts.id = entry.contact_id
                JOIN portal_users ON portal_users.firm_id = contacts.firm_id
                    AND portal_users.email_key = contacts.email_key
            WHERE entry.firm_id = firm AND entry.account_id = accounts.id AND entry.login
                AND portal_users.password_hash IS NOT NULL
        )
    ORDER BY name_key, id
$$;

-- A field of a portal user, by the name of its argument's type.
CREATE FUNCTION postgraphile.portal_users_open_accounts(person portal_users) RETURNS SETOF accounts
LANGUAGE sql STABLE AS $$
    SELECT accounts.* FROM accounts
    WHERE firm_id = person.firm_id AND status = 'ACTIVE'
        AND id IN (
            SELECT entry.account_id
            FROM contacts JOIN account_contacts AS entry
                ON entry.firm_id = contacts.firm_id AND entry.contact_id = contacts.id
            WHERE contacts.firm_id = person.firm_id AND contacts.email_key = person.email_key
                AND entry.login
        )
    ORDER BY name_key, id
$$;
