"""What an operation may return is worked out from its pages before anything runs."""

# ruff: noqa: UP031 - the braces here are GraphQL's.

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import httpx2
import pytest
from graphql import build_schema, parse
from hypothesis import given
from hypothesis import strategies as st

from schema.build import build_schema as build_product
from schema.build import graphql_schema
from server.cost import Costs
from server.graphql_documents import DocumentRefusedError, Documents
from server.limits import Limits, measure
from tests.protocol.conftest import GraphQLServer
from tests.protocol.served import SDL

Ask = Callable[..., httpx2.Response]
SCHEMA = build_schema(SDL)


def objects(query: str, **variables: Any) -> int:
    """The cost of the only operation in *query*."""
    [cost] = Costs(SCHEMA).of(parse(query)).values()
    return cost.objects(variables)


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("{ greeting }", {}, 0),
        ("{ item { name } }", {}, 1),
        ("{ item { item { name } } }", {}, 2),
        # A page: the connection, and what is below as often as the page is large.
        ("{ things { nodes { name } } }", {}, 51),
        ("{ things(first: 7) { nodes { name } } }", {}, 8),
        ("{ things(last: 7) { nodes { name } } }", {}, 8),
        ("{ things(first: 0) { nodes { name } } }", {}, 1),
        ("{ things(first: 7) { edges { node { name } } } }", {}, 15),
        ("{ things(first: 7) { nodes { name } edges { cursor } } }", {}, 15),
        ("{ things(first: 7) { pageInfo { hasNextPage } total } }", {}, 1),
        ("{ few { nodes { name } } }", {}, 21),
        ("{ things(first: 7) { nodes { things { nodes { name } } } } }", {}, 1 + 7 * (1 + 11)),
        # By variables: sent, null, left out, with a default, of the wrong type.
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {"n": 7}, 8),
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {"n": 7.0}, 8),
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {"n": None}, 51),
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {}, 51),
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {"n": "x"}, 51),
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {"n": True}, 51),
        ("query ($n: Int = 7) { things(first: $n) { nodes { name } } }", {}, 8),
        ("query ($n: Int = 7) { things(first: $n) { nodes { name } } }", {"n": 9}, 10),
        ("query ($n: Int! = 7) { few(first: $n) { nodes { name } } }", {}, 8),
        ("query ($n: Int) { item { things(first: $n) { nodes { name } } } }", {}, 12),
        ("query ($n: Int) { item { things(first: $n) { nodes { name } } } }", {"n": None}, 52),
        (
            "query ($f: Int, $l: Int) { things(first: $f, last: $l) { nodes { name } } }",
            {"f": None, "l": 3},
            4,
        ),
        # More than a page can have is refused when it is read, in its own words.
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {"n": 10**9}, 201),
        ("query ($n: Int) { things(first: $n) { nodes { name } } }", {"n": -5}, 1),
        # Lists: by their ids, or by what is usual.
        ('{ named(ids: ["a", "b", "c"]) { name } }', {}, 3),
        ('{ named(ids: "a") { name } }', {}, 1),
        ("query ($i: [ID!]!) { named(ids: $i) { name } }", {"i": ["a"] * 40}, 40),
        ('query ($i: ID!) { named(ids: [$i, "b"]) { name } }', {"i": "a"}, 2),
        ('query ($i: [ID!] = ["a", "b"]) { named(ids: $i) { name } }', {}, 2),
        ("{ listed { name } }", {}, 100),
        ("{ item { items { name } } }", {}, 6),
        # What mutations answer.
        ('mutation { change(ids: ["a", "b"]) { items { name } } }', {}, 3),
        ("mutation ($i: [ID!]) { change(ids: $i) { items { name } } }", {"i": ["a"] * 9}, 10),
        ("mutation { changeAll { items { name } } }", {}, 101),
        ("mutation { changeOne { item { name } errors { name } } }", {}, 3),
        # Fragments count where they are spread, and through every kind of type.
        (
            """query ($n: Int) { a: item { ...P } b: item { ...P } }
            fragment P on Item { things(first: $n) { ...T } }
            fragment T on Things { nodes { ... on Item { name } } }""",
            {"n": 4},
            2 + 2 * 5,
        ),
        # Nothing is exempt for being introspection.
        ("{ __schema { types { name } } }", {}, 6),
    ],
)
def test_the_cost_is_how_many_objects_may_come_back(
    query: str, variables: dict[str, Any], expected: int
) -> None:
    assert objects(query, **variables) == expected


def test_a_fragment_s_variables_have_the_defaults_of_the_operation_that_runs() -> None:
    text = (
        "query A($n: Int = 2) { item { ...F } } query B($n: Int = 9) { item { ...F } }"
        " fragment F on Item { things(first: $n) { nodes { name } } }"
    )
    found = Costs(SCHEMA).of(parse(text))
    assert {name: cost.objects({}) for name, cost in found.items()} == {"A": 4, "B": 11}


sizes = st.one_of(st.none(), st.integers(0, 250))


@given(st.lists(sizes, min_size=1, max_size=5), st.booleans())
def test_variables_and_literals_cost_the_same(given_sizes: list[int | None], spread: bool) -> None:
    """Nested pages with their sizes as literals, as variables, and through fragments."""

    def nested(place: int, size: Callable[[int], str]) -> str:
        if place == len(given_sizes):
            return "name"
        inner = nested(place + 1, size)
        if spread:
            inner = f"... on Item {{ {inner} }}"
        return f"things(first: {size(place)}) {{ nodes {{ {inner} }} }}"

    def literal(place: int) -> str:
        size = given_sizes[place]
        return "null" if size is None else str(size)

    declared = ", ".join(f"$v{place}: Int" for place in range(len(given_sizes)))
    sent = {f"v{place}": size for place, size in enumerate(given_sizes)}
    expected = 0
    for size in reversed(given_sizes):
        expected = min(1 + min(50 if size is None else size, 200) * (1 + expected), 10**9)
    variable = "query (%s) { %s }" % (declared, nested(0, lambda place: f"$v{place}"))
    # Beyond the budget only the order of magnitude matters.
    for found in (objects("{ %s }" % nested(0, literal)), objects(variable, **sent)):
        assert found == expected or (found > 10**8 and expected > 10**8)


def test_large_pages_within_one_another_are_refused_and_honest_ones_are_not(
    graphql_server: GraphQLServer, ask: Ask
) -> None:
    nested = "things(first: $n) { nodes { name %s } }"
    query = "query ($n: Int = 50) { %s }" % (nested % (nested % (nested % "")))
    before = graphql_server.seen.contexts
    for variables in (None, {}, {"n": 50}, {"n": None}, {"n": 200}):
        response = ask(query, variables=variables)
        assert response.status_code == 400
        [error] = response.json()["errors"]
        assert error["extensions"].items() >= {"code": "TOO_COMPLEX", "limit": "objects"}.items()
        assert error["extensions"]["asked"] > error["extensions"]["allowed"] == 100_000
    assert ask(query.replace("$n: Int = 50", "$unused: Int").replace("$n", "50")).status_code == 400
    assert graphql_server.seen.contexts == before
    assert ask(query, variables={"n": 40}).status_code == 200


@pytest.mark.parametrize("flag", [True, False, None, 1, "true", {}])
def test_whoever_asks_is_told_the_cost(ask: Ask, flag: object) -> None:
    query = "query ($n: Int) { a: things(first: $n) { nodes { name } } }"
    response = ask(query, variables={"n": 9}, extensions={"cost": flag})
    figures = {"fields": 3, "depth": 3, "aliases": 1, "directives": 0}
    told = {"cost": {"requested": 10, "allowed": 100_000, **figures}}
    assert response.json().get("extensions") == (told if flag is True else None)


def steps(work: Callable[[], object]) -> int:
    """How many functions *work* calls, written in Python or in C, in this thread."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


CHAINS = [
    # Each fragment spreads the next one twice: flat, nested, and through pages.
    "...F{0} ...F{0}",
    "a: item {{ ...F{0} }} b: item {{ ...F{0} }}",
    "a: things(first: $n) {{ nodes {{ ...F{0} }} }} b: things {{ nodes {{ ...F{0} }} }}",
    "...F{0} @include(if: true) ... on Item {{ ...F{0} }} things(last: $n) {{ total }}",
]


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("what", ["figures", "cost"])
def test_the_work_of_measuring_grows_with_the_length_alone(chain: str, what: str) -> None:
    def work(length: int) -> int:
        document = parse(
            "query ($n: Int) { item { ...F0 } } "
            + " ".join(f"fragment F{n} on Item {{ {chain.format(n + 1)} }}" for n in range(length))
            + f" fragment F{length} on Item {{ name }}"
        )
        costs = Costs(SCHEMA)

        def cost() -> None:
            [found] = costs.of(document).values()
            assert found.objects({"n": 200}) >= 0

        return steps(cost if what == "cost" else lambda: measure(document))

    ten, sixty, more = work(10), work(60), work(360)
    assert more < 7 * sixty < 49 * ten


def test_a_known_operation_is_not_walked_again() -> None:
    documents = Documents(SCHEMA)
    fields = " ".join(f"name{n}: name" for n in range(150))
    query = "query ($n: Int) { things(first: $n) { nodes { %s } } }" % fields
    prepared = documents.prepare(query)
    operation = prepared.operation(None)
    assert steps(lambda: prepared.check(operation, {"n": 20})) < 30
    fixed = documents.prepare("{ things { nodes { %s } } }" % fields)
    assert steps(lambda: fixed.check(fixed.operation(None), None)) < 15


def test_only_the_operation_that_runs_is_refused_for_its_variables() -> None:
    text = (
        "query Small($n: Int) { things(first: $n) { nodes { name } } }"
        " query Large($n: Int) { things(first: $n) { nodes { items { name } } } }"
    )
    prepared = Documents(SCHEMA, limits=Limits(objects=300)).prepare(text)
    prepared.check(prepared.operation("Small"), {"n": 200})
    prepared.check(prepared.operation("Large"), {"n": 20})
    with pytest.raises(DocumentRefusedError):
        prepared.check(prepared.operation("Large"), {"n": 200})


def test_what_is_too_large_whatever_the_variables_is_refused_with_its_document() -> None:
    documents = Documents(SCHEMA, limits=Limits(objects=49))
    with pytest.raises(DocumentRefusedError):
        documents.prepare("{ things { nodes { name } } }")


def test_the_schema_s_own_pages_are_sized() -> None:
    documents = Documents(graphql_schema(build_product()))
    page = "{ accounts(first: 200) { nodes { name contacts { nodes { contact { %s } } } } } }"
    documents.prepare(page % "name phones { number }")
    deeper = "accounts(first: 50) { nodes { account { name } } }"
    with pytest.raises(DocumentRefusedError) as refused:
        documents.prepare(page.replace("200", "50") % deeper)
    assert refused.value.errors[0].extensions["limit"] == "objects"  # type: ignore[index]
