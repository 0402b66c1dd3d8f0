"""The planner answers as an ordinary execution does, whatever is asked."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_object_type,
    parse,
    validate,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.planner.conftest import Desk
from tests.planner.reference import (
    ACCOUNT_ORDERS,
    CONTACT_ORDERS,
    World,
    answer,
    cursor,
)
from tests.planner.toy import toy_schema

pytestmark = pytest.mark.anyio

SCHEMA = toy_schema()
WORLD = World.small()
IDS = st.sampled_from(
    [row.id for row in WORLD.rows() if row.id[:4] in ("acct", "cont", "acon", "inv_")]
    + ["acct_9", "x"]
)
DIRECTIONS = st.sampled_from(["", ", direction: ASC", ", direction: DESC"])


@st.composite
def pages(draw: st.DrawFn, rows: list[Any], orders: dict[str, Any] | None) -> str:
    """Arguments of a connection: a size, cursors of rows that are there, an order."""
    order, keys = "ID", ("id",)
    parts: list[str] = []
    if orders is not None:
        order = draw(st.sampled_from(list(orders)))
        keys = orders[order]
        if draw(st.booleans()) or order != next(iter(orders)):
            parts.append(f"orderBy: {{field: {order}{draw(DIRECTIONS)}}}")
    size = draw(st.sampled_from(["", "first", "last"]))
    if size:
        parts.append(f"{size}: {draw(st.integers(0, 5))}")
    for bound in ("after", "before"):
        if rows and draw(st.integers(0, 3)) == 0:
            row = draw(st.sampled_from(rows))
            parts.append(f'{bound}: "{cursor(order, keys, row)}"')
    return f"({', '.join(parts)})" if parts else ""


@st.composite
def arguments(draw: st.DrawFn, type_name: str, field_name: str) -> str:
    match f"{type_name}.{field_name}":
        case "Query.account" | "Query.node":
            return f'(id: "{draw(IDS)}")'
        case "Query.nodes":
            ids = draw(st.lists(IDS, max_size=5))
            return "(ids: [" + ", ".join(f'"{id_}"' for id_ in ids) + "])"
        case "Query.accounts":
            return draw(pages(WORLD.accounts, ACCOUNT_ORDERS))
        case "Query.contacts":
            return draw(pages(WORLD.contacts, CONTACT_ORDERS))
        case "Query.notifications":
            return draw(st.sampled_from(["", "(unreadOnly: true, first: 2)", "(first: 3)"]))
        case "Account.contacts" | "Contact.accounts":
            return draw(pages([], None))
        case _:
            return ""


@st.composite
def selections(draw: st.DrawFn, type_: GraphQLObjectType, depth: int) -> str:
    """A selection set of fields, aliases, fragments and directives."""
    names = [name for name in type_.fields if name not in ("firm", "viewer")]
    if depth <= 0:
        names = [name for name in names if not _inner(type_, name)] or names
    parts: list[str] = []
    for place, name in enumerate(
        draw(st.lists(st.sampled_from(["__typename", *names]), min_size=1, max_size=5))
    ):
        if name == "__typename":
            parts.append(draw(st.sampled_from(["__typename", f"t{place}: __typename"])))
            continue
        inner = _inner(type_, name)
        text = f"{type_.name.lower()}{place}: {name}{draw(arguments(type_.name, name))}"
        text += draw(st.sampled_from(["", "", " @include(if: $yes)", " @skip(if: $yes)"]))
        if inner is not None:
            if is_abstract_type(inner):
                kinds = draw(
                    st.lists(st.sampled_from(["Account", "Contact", "AccountContact"]), unique=True)
                )
                inside = "id " + " ".join(
                    f"... on {kind} {draw(selections(SCHEMA.type_map[kind], depth - 1))}"  # type: ignore[arg-type]
                    for kind in kinds
                )
                text += f" {{ {inside} }}"
            else:
                text += f" {draw(selections(inner, depth - 1))}"
        wrap = draw(
            st.sampled_from(
                [
                    "{}",
                    "{}",
                    "{}",
                    f"... on {type_.name} {{{{ {{}} }}}}",
                    "... @skip(if: $no) {{ {} }}",
                ]
            )
        )
        parts.append(wrap.format(text))
    return "{ " + " ".join(parts) + " }"


def _inner(type_: GraphQLObjectType, name: str) -> Any:
    inner = get_named_type(type_.fields[name].type)
    return inner if is_object_type(inner) or is_abstract_type(inner) else None


@st.composite
def documents(draw: st.DrawFn) -> str:
    query = SCHEMA.query_type
    assert query is not None
    return (
        "query ($yes: Boolean! = true, $no: Boolean = false) {"
        f' account(id: "acct_0") {{ ...Use }} ... on Query {draw(selections(query, 5))} }}'
        " fragment Use on Account { id @include(if: $yes) @skip(if: $no) }"
    )


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(document=documents(), yes=st.booleans())
async def test_any_selection_is_answered_as_by_an_ordinary_execution(
    desk: Desk, schema: GraphQLSchema, document: str, yes: bool
) -> None:
    if desk.member_id != "mem_z":
        await desk.enter_new_firm(members=False)
        await desk.add(*World.small().rows())
        desk.member_id = "mem_z"
    problems = validate(SCHEMA, parse(document))
    assert not problems, problems
    expected = answer(schema, WORLD, document, {"yes": yes})
    assert not expected.errors, expected.errors
    data = await desk.data(document, {"yes": yes})
    assert data == expected.data
