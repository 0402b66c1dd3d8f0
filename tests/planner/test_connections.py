"""Connections: pages by cursor, in both directions, and what is said of the rows around them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models import Notification
from planner import BadArgument
from tests.planner.conftest import NOW, Desk, account, contact, entry

pytestmark = pytest.mark.anyio

PAGE = """query ($first: Int, $after: String, $last: Int, $before: String, $order: AccountOrder) {
  accounts(first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
    nodes { name } edges { cursor node { name } } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


def names(page: dict[str, Any]) -> list[str]:
    assert [edge["node"] for edge in page["edges"]] == page["nodes"]
    info = page["pageInfo"]
    cursors = [edge["cursor"] for edge in page["edges"]]
    assert info["startCursor"] == (cursors[0] if cursors else None)
    assert info["endCursor"] == (cursors[-1] if cursors else None)
    return [node["name"] for node in page["nodes"]]


@pytest.mark.parametrize("count", [0, 1, 10, 11])
@pytest.mark.parametrize("size", ["first", "last"])
async def test_a_page_tells_whether_there_is_more(desk: Desk, size: str, count: int) -> None:
    await desk.add(*(account(f"{number:02}") for number in range(count)))
    page = (await desk.data(PAGE, {size: 10}))["accounts"]
    every = [f"{number:02}" for number in range(count)]
    assert names(page) == (every[:10] if size == "first" else every[-10:])
    assert page["totalCount"] == count
    assert page["pageInfo"]["hasNextPage"] is (size == "first" and count > 10)
    assert page["pageInfo"]["hasPreviousPage"] is (size == "last" and count > 10)


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("field", ["NAME", "CREATED_AT"])
async def test_pages_follow_one_another_in_both_directions(
    desk: Desk, field: str, direction: str
) -> None:
    # Equal names and moments: the id decides.
    rows = [
        account(f"n{number % 3}", created_at=NOW + timedelta(seconds=number % 2))
        for number in range(7)
    ]
    await desk.add(*rows)
    order = {"field": field, "direction": direction}
    whole = (await desk.data(PAGE, {"order": order}))["accounts"]
    every = [edge["cursor"] for edge in whole["edges"]]
    expected = sorted(
        rows,
        key=lambda row: (row.name_key if field == "NAME" else row.created_at, row.id),
        reverse=direction == "DESC",
    )
    assert names(whole) == [row.name for row in expected]

    seen: list[str] = []
    after, more = None, True
    while more:
        page = (await desk.data(PAGE, {"first": 3, "after": after, "order": order}))["accounts"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [edge["cursor"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == every

    seen = []
    before, more = None, True
    while more:
        page = (await desk.data(PAGE, {"last": 3, "before": before, "order": order}))["accounts"]
        assert page["pageInfo"]["hasNextPage"] is (before is not None)
        seen = [edge["cursor"] for edge in page["edges"]] + seen
        before, more = page["pageInfo"]["startCursor"], page["pageInfo"]["hasPreviousPage"]
    assert seen == every


async def test_both_cursors_bound_a_page(desk: Desk) -> None:
    await desk.add(*(account(name) for name in "abcdef"))
    edges = (await desk.data(PAGE))["accounts"]["edges"]
    bounds = {"after": edges[0]["cursor"], "before": edges[5]["cursor"]}
    page = (await desk.data(PAGE, {"first": 2} | bounds))["accounts"]
    assert names(page) == ["b", "c"]
    assert page["pageInfo"]["hasNextPage"] and page["pageInfo"]["hasPreviousPage"]
    page = (await desk.data(PAGE, {"last": 9} | bounds))["accounts"]
    assert names(page) == ["b", "c", "d", "e"]
    assert page["pageInfo"]["hasNextPage"] and page["pageInfo"]["hasPreviousPage"]


async def test_a_walk_sees_each_row_once_while_others_come_and_go(desk: Desk) -> None:
    rows = [account(f"m{number}") for number in range(9)]
    await desk.add(*rows)
    seen: list[str] = []
    after, more, turn = None, True, 0
    while more:
        page = (await desk.data(PAGE, {"first": 2, "after": after}))["accounts"]
        seen += names(page)
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        # Before and behind the place that the walk has come to; and its very row goes.
        await desk.add(account(f"a{turn}"))
        if turn == 0:
            await desk.remove(rows[1])
        turn += 1
    assert seen == [row.name for row in rows]


async def test_rows_without_a_value_come_first(desk: Desk) -> None:
    people = [contact(name, email=mail, email_key=mail) for name, mail in
              [("a", "x@example.org"), ("b", None), ("c", "b@example.org"), ("d", None)]]  # fmt: skip
    await desk.add(*people)
    document = """query ($after: String) {
      contacts(first: 1, after: $after, orderBy: {field: EMAIL}) {
        nodes { name } pageInfo { endCursor hasNextPage } } }"""
    seen: list[str] = []
    after, more = None, True
    while more:
        page = (await desk.data(document, {"after": after}))["contacts"]
        seen += [node["name"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == ["b", "d", "c", "a"]


async def test_a_page_may_be_of_no_rows(desk: Desk) -> None:
    await desk.add(account("Anton"))
    page = (await desk.data(PAGE, {"first": 0}))["accounts"]
    assert names(page) == []
    assert page["pageInfo"]["hasNextPage"] is True and page["totalCount"] == 1


async def test_fifty_rows_come_when_no_number_is_given(desk: Desk) -> None:
    await desk.add(*(account(f"{number}") for number in range(51)))
    assert len((await desk.data(PAGE))["accounts"]["nodes"]) == 50
    assert len((await desk.data(PAGE, {"first": 200}))["accounts"]["nodes"]) == 51
    assert len((await desk.data("{ accounts { nodes { id } } }"))["accounts"]["nodes"]) == 50


async def test_only_nodes_and_only_edges_keep_the_order_backwards(desk: Desk) -> None:
    await desk.add(*(account(name) for name in "dacb"))
    data = await desk.data(
        "{ accounts(last: 3) { nodes { name } } b: accounts(last: 2) { edges { node { name } } } }"
    )
    assert [node["name"] for node in data["accounts"]["nodes"]] == ["b", "c", "d"]
    assert [edge["node"]["name"] for edge in data["b"]["edges"]] == ["c", "d"]


async def test_nested_connections_are_pages_too(desk: Desk) -> None:
    accounts = [account(name) for name in "ab"]
    people = [contact(f"p{number}") for number in range(4)]
    await desk.add(*accounts, *people)
    entries = [entry(accounts[0], person) for person in people]
    for one in entries:
        await desk.add(one)
    document = """query ($first: Int, $last: Int, $after: String, $before: String) { accounts { nodes {
      contacts(first: $first, last: $last, after: $after, before: $before) {
        nodes { contact { name } } edges { cursor }
        pageInfo { hasNextPage hasPreviousPage endCursor startCursor } totalCount
    } } } }"""
    first, empty = (await desk.data(document, {"first": 3}))["accounts"]["nodes"]
    assert empty["contacts"] == {
        "nodes": [],
        "edges": [],
        "pageInfo": {
            "hasNextPage": False, "hasPreviousPage": False, "endCursor": None, "startCursor": None,
        },
        "totalCount": 0,
    }  # fmt: skip
    page = first["contacts"]
    assert [node["contact"]["name"] for node in page["nodes"]] == ["p0", "p1", "p2"]
    assert page["pageInfo"]["hasNextPage"] and page["totalCount"] == 4
    after = page["pageInfo"]["endCursor"]
    (page, _) = (
        node["contacts"]
        for node in (await desk.data(document, {"first": 3, "after": after}))["accounts"]["nodes"]
    )
    assert [node["contact"]["name"] for node in page["nodes"]] == ["p3"]
    assert page["pageInfo"]["hasPreviousPage"] and not page["pageInfo"]["hasNextPage"]
    (page, _) = (
        node["contacts"]
        for node in (await desk.data(document, {"last": 2, "before": after}))["accounts"]["nodes"]
    )
    assert [node["contact"]["name"] for node in page["nodes"]] == ["p0", "p1"]
    assert not page["pageInfo"]["hasPreviousPage"] and page["pageInfo"]["hasNextPage"]


async def test_a_connection_counts_what_it_was_told_to_count(desk: Desk) -> None:
    await desk.add(
        *(
            Notification(
                member_id=desk.member_id, kind="IMPORT_FINISHED", title=title, created_at=NOW,
                read_at=NOW if title == "b" else None,
            )
            for title in "abc"
        )
    )  # fmt: skip
    document = """query ($unread: Boolean) { notifications(unreadOnly: $unread) {
      totalCount unreadCount nodes { title readAt } } }"""
    inbox = (await desk.data(document))["notifications"]
    assert (inbox["totalCount"], inbox["unreadCount"]) == (3, 2)
    assert [node["title"] for node in inbox["nodes"]] == ["c", "b", "a"]
    assert inbox["nodes"][1]["readAt"] == "2026-11-23T12:00:00.000120Z"
    unread = (await desk.data(document, {"unread": True}))["notifications"]
    assert [node["title"] for node in unread["nodes"]] == ["c", "a"]


async def test_counting_alone_reads_no_page(desk: Desk) -> None:
    await desk.add(account("a"), account("b"))
    document = "{ accounts { totalCount __typename } }"
    assert (await desk.data(document))["accounts"] == {
        "totalCount": 2, "__typename": "AccountConnection",
    }  # fmt: skip
    assert "LIMIT" not in desk.statements[0]
    await desk.data("{ accounts { nodes { id } } }")
    assert "count(" not in desk.statements[1]


@pytest.mark.parametrize("count", [0, 1, 2])
async def test_what_is_said_of_a_page_needs_no_page(desk: Desk, count: int) -> None:
    await desk.add(*(account(f"{number}") for number in range(count)))
    data = await desk.data(
        """query ($no: Boolean = false) {
          accounts { pageInfo { __typename hasPreviousPage } }
          last: accounts(last: 1) { pageInfo { hasNextPage } }
          none: accounts { pageInfo { hasNextPage @include(if: $no) } nodes @include(if: $no) { id } }
        }"""
    )
    assert data == {
        "accounts": {"pageInfo": {"__typename": "PageInfo", "hasPreviousPage": False}},
        "last": {"pageInfo": {"hasNextPage": False}},
        "none": {"pageInfo": {}},
    }


@pytest.mark.parametrize(
    ("variables", "argument"),
    [
        ({"first": 201}, "first"),
        ({"first": -1}, "first"),
        ({"last": 201}, "last"),
        ({"first": 1, "last": 1}, "last"),
        ({"after": ""}, "after"),
        ({"after": "nonsense"}, "after"),
        ({"after": "4E41"}, "after"),
        ({"after": "ff"}, "after"),
        ({"before": b"NAME\x1fx\x1facct_0".hex()[:-1]}, "before"),
        ({"before": b"NAME\x1fx".hex()}, "before"),
        ({"before": b"NAME\x1fx\x1f".hex()}, "before"),
        ({"after": b"CREATED_AT\x1f2026-11-23T12:00:00.000000Z\x1facct_0".hex()}, "after"),
        (
            {
                "after": b"CREATED_AT\x1fyesterday\x1facct_0".hex(),
                "order": {"field": "CREATED_AT"},
            },
            "after",
        ),
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    desk: Desk, variables: dict[str, Any], argument: str
) -> None:
    # Also by a plan that has been made for a page that can be.
    await desk.data(PAGE, dict.fromkeys(variables) | {"first": 1})
    for _ in range(2):
        refusal = await desk.refusal(PAGE, variables)
        assert isinstance(refusal, BadArgument)
        assert refusal.argument == argument
    assert len(desk.statements) == 1


async def test_cursors_are_alike_on_all_databases(desk: Desk) -> None:
    await desk.add(anton := account("Größe", id="acct_" + "0" * 32))
    (edge,) = (await desk.data(PAGE))["accounts"]["edges"]
    assert bytes.fromhex(edge["cursor"]).decode() == f"NAME\x1fgrösse\x1f{anton.id}"
    document = "{ accounts(orderBy: {field: CREATED_AT}) { edges { cursor } } }"
    (edge,) = (await desk.data(document))["accounts"]["edges"]
    assert bytes.fromhex(edge["cursor"]).decode() == (
        f"CREATED_AT\x1f2026-11-23T12:00:00.000120Z\x1f{anton.id}"
    )


@pytest.mark.parametrize("depth", [0, 1, 2])
async def test_filters_and_orders_hold_at_every_level(desk: Desk, depth: int) -> None:
    person = contact("Anna")
    accounts = [account(name) for name in "abcd"]
    await desk.add(person, *accounts)
    for place, one in enumerate(accounts):
        await desk.add(
            entry(one, person, login=place != 1, created_at=NOW - timedelta(seconds=place))
        )
    inside = """accounts(first: 2, loginOnly: $only, orderBy: {direction: $way}) {
      nodes { account { name } } totalCount pageInfo { hasNextPage } }"""
    for _ in range(depth):
        inside = f"accounts(first: 1) {{ nodes {{ contact {{ {inside} }} }} }}"
    document = (
        f"query ($only: Boolean, $way: Direction = ASC) {{ contacts {{ nodes {{ {inside} }} }} }}"
    )
    for given, shown, total in (
        ({"only": True}, "dc", 3),
        ({"only": True, "way": "DESC"}, "ac", 3),
        ({"only": False}, "dc", 4),
        ({"way": "DESC"}, "ab", 4),
    ):
        (found,) = (await desk.data(document, given))["contacts"]["nodes"]
        for _ in range(depth):
            found = found["accounts"]["nodes"][0]["contact"]
        page = found["accounts"]
        assert "".join(node["account"]["name"] for node in page["nodes"]) == shown
        assert page["totalCount"] == total and page["pageInfo"] == {"hasNextPage": True}
