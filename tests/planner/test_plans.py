"""A plan is made once for everything that it does not depend on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.planner.conftest import NOW, Desk, account

pytestmark = pytest.mark.anyio

SEARCH = """query ($filter: AccountFilter, $first: Int, $after: String, $more: Boolean = false) {
  accounts(filter: $filter, first: $first, after: $after) {
    nodes { name id @include(if: $more) } pageInfo { endCursor } } }"""


def variants(desk: Desk, document: str) -> int:
    (plans,) = desk.plans(document).values()
    return len(plans)


async def names(desk: Desk, **variables: Any) -> list[str]:
    data = await desk.data(SEARCH, variables)
    return [node["name"] for node in data["accounts"]["nodes"]]


async def test_other_values_use_the_same_plan(desk: Desk) -> None:
    await desk.add(account("anton"), account("berta"), account("bert anton"))
    assert await names(desk, filter={"search": "anton"}) == ["anton", "bert anton"]
    assert await names(desk, filter={"search": "berta"}) == ["berta"]
    assert await names(desk, filter={"search": "%"}, first=3) == []
    assert variants(desk, SEARCH) == 1
    assert await names(desk, filter={"search": "anton bert"}) == ["bert anton"]
    assert variants(desk, SEARCH) == 2
    assert len(set(desk.statements)) == 2


async def test_lists_of_any_length_use_the_same_plan(desk: Desk) -> None:
    await desk.add(account("a", type="COMPANY"), account("b", type="OTHER"), account("c"))
    assert await names(desk, filter={"types": ["COMPANY", "OTHER"]}) == ["a", "b"]
    assert await names(desk, filter={"types": ["COMPANY"]}) == ["a"]
    assert await names(desk, filter={"types": []}) == []
    assert variants(desk, SEARCH) == 1


async def test_a_plan_depends_on_choices_and_on_what_is_given(desk: Desk) -> None:
    await desk.add(account("a", type="COMPANY"), account("b"))
    assert await names(desk, filter={"type": "COMPANY"}) == ["a"]
    assert await names(desk, filter={"type": "INDIVIDUAL"}) == ["b"]
    assert await names(desk, filter=None) == ["a", "b"]
    assert await names(desk, filter={"type": None}) == ["a", "b"]
    assert await names(desk) == ["a", "b"]
    assert await names(desk, filter={"type": "COMPANY"}) == ["a"]
    assert variants(desk, SEARCH) == 4


async def test_a_plan_depends_on_what_is_included(desk: Desk) -> None:
    await desk.add(anton := account("a"))
    for more in (True, False, True):
        data = await desk.data(SEARCH, {"more": more})
        assert data["accounts"]["nodes"] == [{"name": "a"} | ({"id": anton.id} if more else {})]
    assert variants(desk, SEARCH) == 2


async def test_the_next_page_uses_the_plan_of_the_page_before(desk: Desk) -> None:
    await desk.add(*(account(name) for name in "abcd"))
    after = None
    for name in "abcd":
        data = await desk.data(SEARCH, {"first": 1, "after": after})
        assert [node["name"] for node in data["accounts"]["nodes"]] == [name]
        after = data["accounts"]["pageInfo"]["endCursor"]
    assert variants(desk, SEARCH) == 2


async def test_few_variants_are_kept(desk: Desk) -> None:
    for count in range(12):
        assert await names(desk, filter={"search": "x " * count, "types": ["OTHER"] * count}) == []
    assert variants(desk, SEARCH) == 8


async def test_literals_are_bound_as_variables_are(desk: Desk) -> None:
    await desk.add(account("a", type="COMPANY"), account("b"))
    document = '{ accounts(filter: {types: [COMPANY, OTHER], search: "a"}) { nodes { name } } }'
    for _ in range(2):
        data = await desk.data(document)
        assert data["accounts"]["nodes"] == [{"name": "a"}]
    assert variants(desk, document) == 1


async def test_moments_are_compared_as_moments(desk: Desk) -> None:
    await desk.add(account("a"), account("b", created_at=NOW + timedelta(microseconds=1)))
    later = (NOW + timedelta(microseconds=1)).isoformat()
    assert await names(desk, filter={"since": later}) == ["b"]
    assert await names(desk, filter={"since": NOW.isoformat()}) == ["a", "b"]
    assert variants(desk, SEARCH) == 1
