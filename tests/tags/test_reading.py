"""Tags are read in the statement that reads what carries them."""

from __future__ import annotations

from typing import Any

import pytest

from planner import Planner
from tests.deployments import Firm
from tests.tags.conftest import make_tag

CARRIERS = """
{
  accounts { nodes { name tags { name color contactCount }
             contacts { nodes { contact { tags { name accountCount } } } } } }
}
"""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that is planned."""
    found: list[str] = []
    plan_of = Planner.plan

    def noting(self: Planner, *given: Any, **named: Any) -> Any:
        plan = plan_of(self, *given, **named)
        if plan is not None:
            found.append(plan.sql)
        return plan

    monkeypatch.setattr(Planner, "plan", noting)
    return found


async def test_one_statement_reads_tags_at_any_depth(firm: Firm, statements: list[str]) -> None:
    tags = [await make_tag(firm, name) for name in ("b", "A")]
    new = {"lastName": "Ott", "tagIds": [tags[1]]}
    for number in range(3):
        await firm.account(
            name=f"N{number}", tagIds=tags[number:], contacts=[{"contact": {"new": new}}]
        )
    statements.clear()
    nodes = (await firm.owner.ask(CARRIERS)).data["accounts"]["nodes"]
    assert len(statements) == 1
    assert [[tag["name"] for tag in node["tags"]] for node in nodes] == [["A", "b"], ["A"], []]
    assert nodes[0]["tags"][0]["contactCount"] == 3
    for node in nodes:
        [entry] = node["contacts"]["nodes"]
        assert entry["contact"]["tags"] == [{"name": "A", "accountCount": 2}]


async def test_only_what_is_selected_is_counted(firm: Firm, statements: list[str]) -> None:
    await make_tag(firm, "a")
    for fields, tables in (
        ("name", set[str]()),
        ("name accountCount", {"account_tags"}),
        ("contactCount", {"contact_tags"}),
    ):
        statements.clear()
        await firm.owner.ask(f"{{ tags {{ {fields} }} }}")
        [sql] = statements
        assert {t for t in ("account_tags", "contact_tags") if f" {t} " in sql} == tables
        assert ("count(" in sql) is bool(tables)


async def test_both_ways_answer_alike(firm: Firm) -> None:
    tag = await make_tag(firm, "a")
    account = await firm.account(tagIds=[tag])
    fields = (
        "tags { id name color accountCount contactCount } account(id: $id) { tags { name } }"
        " node(id: $tag) { __typename ... on Tag { name accountCount } }"
        " nodes(ids: [$tag, $id, $tag]) { __typename id }"
    )
    declared = "query ($id: ID!, $tag: ID!)"
    short = await firm.owner.ask(f"{declared} {{ {fields} }}", id=account["id"], tag=tag)
    fragment = f"fragment All on Query {{ {fields} }}"
    long = await firm.owner.ask(f"{declared} {{ ...All }} {fragment}", id=account["id"], tag=tag)
    assert short.data == long.data
    assert short.data["node"] == {"__typename": "Tag", "name": "a", "accountCount": 1}
