"""A query takes the short way to its statement, or the executor's; nobody can tell which."""

from __future__ import annotations

import pytest

from models.enums import Permission
from tests.deployments import Firm

FIELDS = (
    "account(id: $id) { id name createdAt }",
    "accounts(first: 2, orderBy: {field: CREATED_AT}) { totalCount nodes { number } }",
    "a: accounts { nodes { name } } b: accounts(filter: {portalStatus: [PENDING]}) { totalCount }",
    "notifications { unreadCount nodes { title } }",
    "node(id: $id) { __typename id } nodes(ids: [$id, $id]) { id }",
    "firm { name portalUrl } members { email }",
    "sessions { current }",
    "accounts(first: 500) { totalCount }",
    'accounts(after: "nonsense") { totalCount }',
    'account(id: "acct_never") { id }',
)


def short(fields: str) -> str:
    return f"query ($id: ID!) {{ keep: node(id: $id) {{ id }} {fields} }}"


def executed(fields: str) -> str:
    """The same, in a way that the short way does not take."""
    return (
        f"query ($id: ID!) {{ ...All }} fragment All on Query "
        f"{{ keep: node(id: $id) {{ id }} {fields} }}"
    )


@pytest.mark.parametrize("fields", FIELDS)
async def test_both_ways_answer_alike(firm: Firm, fields: str) -> None:
    account = await firm.account(invited=True)
    await firm.client(account)
    client = await firm.client(await firm.account(invited=True))
    clerk = await firm.member(Permission.MANAGE_TAGS)
    for voice in (firm.owner, clerk, client, firm.deployed.nobody):
        one = await voice.ask(short(fields), id=account["id"])
        other = await voice.ask(executed(fields), id=account["id"])
        assert one.status == other.status
        assert one.body.get("data") == other.body.get("data")
        assert one.codes == other.codes
