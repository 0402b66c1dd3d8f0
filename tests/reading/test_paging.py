"""Pages: both ways, by cursors that hold while the list changes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployments import CREATE_ACCOUNT, Firm
from tests.documents import ARCHIVE_ACCOUNTS

PAGE = """
query ($first: Int, $after: String, $last: Int, $before: String, $orderBy: AccountOrder) {
  accounts(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
    totalCount nodes { name } edges { cursor node { name } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
NESTED = """
query ($id: ID!, $first: Int, $after: String) {
  account(id: $id) { contacts(first: $first, after: $after) {
    totalCount nodes { contact { name accounts { totalCount nodes { account { id } } } } }
    pageInfo { hasNextPage endCursor }
  } }
}
"""
CONTACT_PAGE = """
query ($after: String) { contacts(after: $after) { nodes { id } } }
"""


@pytest.fixture
async def five(firm: Firm) -> list[dict[str, Any]]:
    """Accounts B, D, F, H and J."""
    return [await firm.account(name=name) for name in "BDFHJ"]


async def page(firm: Firm, **given: Any) -> tuple[str, dict[str, Any]]:
    """The names on a page, in a row, and where it lies."""
    found = (await firm.owner.ask(PAGE, **given)).data["accounts"]
    assert [edge["node"] for edge in found["edges"]] == found["nodes"]
    info = found["pageInfo"]
    cursors = [edge["cursor"] for edge in found["edges"]] or [None]
    assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
    return "".join(account["name"] for account in found["nodes"]), info


async def test_pages_go_forward_and_backward(firm: Firm, five: list[dict[str, Any]]) -> None:
    names, info = await page(firm, first=2)
    assert (names, info["hasNextPage"], info["hasPreviousPage"]) == ("BD", True, False)
    names, info = await page(firm, first=2, after=info["endCursor"])
    assert (names, info["hasNextPage"], info["hasPreviousPage"]) == ("FH", True, True)
    back, _ = await page(firm, last=1, before=info["startCursor"])
    assert back == "D"
    names, info = await page(firm, first=2, after=info["endCursor"])
    assert (names, info["hasNextPage"], info["hasPreviousPage"]) == ("J", False, True)
    assert (await page(firm, first=2, after=info["endCursor"]))[0] == ""
    names, info = await page(firm, last=2)
    assert (names, info["hasNextPage"], info["hasPreviousPage"]) == ("HJ", False, True)
    names, info = await page(firm, last=9, before=info["startCursor"])
    assert (names, info["hasNextPage"], info["hasPreviousPage"]) == ("BDF", True, False)
    down = {"field": "NAME", "direction": "DESC"}
    names, info = await page(firm, first=3, orderBy=down)
    assert names == "JHF"
    assert (await page(firm, after=info["endCursor"], orderBy=down))[0] == "DB"
    assert (await page(firm, first=0))[0] == ""


async def test_cursors_hold_while_accounts_come_and_go(
    firm: Firm, five: list[dict[str, Any]]
) -> None:
    orders = [{"field": field} for field in ("NAME", "CREATED_AT")]
    pages = [await page(firm, first=2, orderBy=order) for order in orders]
    for name in "ACG":
        await firm.account(name=name)
    # The one that the cursor stands on goes; the place stays.
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[five[1]["id"]])
    walks = []
    for order, (seen, info) in zip(orders, pages, strict=True):
        more, info = await page(firm, first=3, after=info["endCursor"], orderBy=order)
        rest, info = await page(firm, first=9, after=info["endCursor"], orderBy=order)
        back, _ = await page(firm, last=9, before=info["endCursor"], orderBy=order)
        walks.append((seen + more + rest, back))
    assert walks == [("BDFGHJ", "ABCFGH"), ("BDFHJACG", "BFHJAC")]


async def test_accounts_of_one_name_are_each_seen_once(firm: Firm) -> None:
    for _ in range(5):
        await firm.account(name="Same")
    seen, cursor = 0, None
    while True:
        names, info = await page(firm, first=2, after=cursor)
        seen, cursor = seen + names.count("Same"), info["endCursor"]
        if not info["hasNextPage"]:
            break
    assert seen == 5


async def test_a_page_has_fifty_when_nobody_says_and_two_hundred_at_most(firm: Firm) -> None:
    document = "mutation {" + "".join(
        f'a{n}: createAccount(input: {{type: OTHER, name: "N", contacts: '
        f'[{{contact: {{new: {{lastName: "N"}}}}}}]}}) {{ errors {{ code }} }}\n'
        for n in range(10)
    )
    for _ in range(6):
        assert (await firm.owner.ask(document + "}")).data
    assert len((await page(firm))[0]) == 50
    assert len((await page(firm, first=200))[0]) == 60
    for given in (
        {"first": 201},
        {"last": 201},
        {"first": -1},
        {"last": -1},
        {"first": 1, "last": 1},
    ):
        assert (await firm.owner.ask(PAGE, **given)).codes[:1] in (
            ["BAD_REQUEST"],
            ["TOO_COMPLEX"],
        ), given
    assert (await firm.owner.ask(PAGE, first=201)).codes == ["BAD_REQUEST"]


async def test_a_cursor_that_is_none_of_ours_is_a_bad_request(firm: Firm) -> None:
    await firm.account()
    by_name = (await page(firm, first=1))[1]["endCursor"]
    by_time = (await page(firm, first=1, orderBy={"field": "CREATED_AT"}))[1]["endCursor"]
    for cursor in ("", "x", "é", "AAAA", by_name[:-1], by_name + "x", "x" * 5000, by_time):
        assert (await firm.owner.ask(PAGE, after=cursor)).codes == ["BAD_REQUEST"], cursor
        assert (await firm.owner.ask(PAGE, before=cursor)).codes == ["BAD_REQUEST"], cursor
    assert (await firm.owner.ask(CONTACT_PAGE, after=by_name)).codes == ["BAD_REQUEST"]


async def test_nested_lists_have_pages_of_their_own(firm: Firm) -> None:
    people = [{"contact": {"new": {"lastName": name}}} for name in "CAB"]
    given = {"type": "OTHER", "contacts": people}
    account = (await firm.owner.ask(CREATE_ACCOUNT, input=given)).payload()["account"]
    first = (await firm.owner.ask(NESTED, id=account["id"], first=2)).data["account"]["contacts"]
    assert [entry["contact"]["name"] for entry in first["nodes"]] == ["C", "A"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    back = first["nodes"][0]["contact"]["accounts"]
    assert back == {"totalCount": 1, "nodes": [{"account": {"id": account["id"]}}]}
    rest = await firm.owner.ask(
        NESTED, id=account["id"], first=2, after=first["pageInfo"]["endCursor"]
    )
    found = rest.data["account"]["contacts"]
    assert [entry["contact"]["name"] for entry in found["nodes"]] == ["B"]
    assert found["pageInfo"]["hasNextPage"] is False
