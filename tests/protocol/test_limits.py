"""A document is refused for what it asks for, not for how long it is, and in linear time."""

# ruff: noqa: UP031 - the braces here are GraphQL's.

from __future__ import annotations

import time
from collections.abc import Callable

import httpx2
import pytest
from graphql import get_introspection_query, parse

from server.limits import Limits, exceeded, measure
from tests.protocol.conftest import GraphQLServer

Ask = Callable[..., httpx2.Response]


def fan_out(fragments: int, leaf: str = "name") -> str:
    """Fragments of which each spreads the next one twice, under two aliases."""
    chain = [
        f"fragment F{n} on Item {{ a: item {{ ...F{n + 1} }} b: item {{ ...F{n + 1} }} }}"
        for n in range(fragments)
    ]
    return " ".join(["{ item { ...F0 } }", *chain, f"fragment F{fragments} on Item {{ {leaf} }}"])


def flat_fan_out(fragments: int) -> str:
    """The same at a constant depth: the document that takes naive counters exponential time."""
    chain = [f"fragment F{n} on Item {{ ...F{n + 1} ...F{n + 1} }}" for n in range(fragments)]
    return " ".join(["{ item { ...F0 } }", *chain, f"fragment F{fragments} on Item {{ name }}"])


@pytest.mark.parametrize(
    ("what", "query"),
    [
        (
            "fields",
            "{ %s } %s"
            % (
                " ".join(f"a{n}: item {{ ...F }}" for n in range(100)),
                "fragment F on Item { item { %s } }" % ("name " * 60),
            ),
        ),
        ("repeats", "{ %s }" % ("item { name } " * 102)),
        ("repeats", "{ item { %s } }" % ("... { name } " * 102)),
        (
            "repeats",
            "query A { a: greeting %s } query B { %s }" % ("a: greeting " * 60, "number " * 60),
        ),
        ("repeats", "{ item { ...F } } fragment F on Item { %s }" % ("name " * 102)),
        ("depth", "{ %s name %s }" % ("item { " * 15, "} " * 15)),
        (
            "depth",
            "{ item { ...A } } fragment A on Item { %s name %s }" % ("item {" * 14, "}" * 14),
        ),
        ("aliases", "{ %s }" % " ".join(f"a{n}: greeting" for n in range(201))),
        ("aliases", fan_out(9)),
        ("directives", "{ greeting %s }" % ("@include(if: true) " * 51)),
        ("directives", "query A %s { greeting }" % ("@a " * 51)),
        ("directives", "{ %s } fragment F on Query { greeting @skip(if: false) }" % ("...F " * 51)),
        ("rootMutations", "mutation { %s }" % " ".join(f"a{n}: add" for n in range(11))),
        ("rootMutations", "mutation { ...F ...F } fragment F on Mutation { %s }" % ("add " * 6)),
        ("rootMutations", "mutation { %s }" % ("... { add } " * 11)),
        ("rootMutations", "mutation __schema { %s }" % ("add " * 11)),
    ],
)
def test_an_operation_over_a_limit_is_refused_with_the_figures(
    graphql_server: GraphQLServer, ask: Ask, what: str, query: str
) -> None:
    before = graphql_server.seen.contexts
    response = ask(query)
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "TOO_COMPLEX"
    assert error["extensions"]["limit"] == what
    assert error["extensions"]["asked"] > error["extensions"]["allowed"]
    assert graphql_server.seen.contexts == before


@pytest.mark.parametrize(
    "query",
    [
        get_introspection_query(specified_by_url=True, directive_is_repeatable=True),
        get_introspection_query(input_value_deprecation=True, schema_description=True),
        "{ %s }" % " ".join(f"a{n}: greeting" for n in range(200)),
        "{ %s name %s }" % ("item { " * 14, "} " * 14),
        "mutation { %s }" % " ".join(f"a{n}: add" for n in range(10)),
    ],
)
def test_an_operation_within_the_limits_is_executed(ask: Ask, query: str) -> None:
    response = ask(query)
    assert response.status_code == 200
    assert "errors" not in response.json()


@pytest.mark.parametrize(
    "query",
    [
        fan_out(16),
        fan_out(60),
        flat_fan_out(22),
        flat_fan_out(180),
        "{ %s }" % " ".join(f"a: number(value: {n})" for n in range(180)),
        "{ %s }" % ("greeting " * 1_900),
        "{ %s }" % ("item { item { name } } " * 240),
        "{ %s }" % ("item { name } " * 480),
        "{ %s }" % ("item { name } " * 100),
        "{ item { %s } }" % ("item { item { name } } ... { item { name } } " * 50),
        "{ item { %s } } %s"
        % (
            " ".join(f"...F{n}" for n in range(160)),
            " ".join(f"fragment F{n} on Item {{ item {{ name }} }}" for n in range(160)),
        ),
        "{ %s }" % ("item { %s } " % ("item { name } " * 20) * 12),
        "{" * 1_900,
        "{ a" * 180 + "}" * 180,
        "query ($a: %sInt%s) { greeting }" % ("[" * 900, "]" * 900),
        "{ greeting(name: %s1%s) }" % ("[" * 900, "]" * 900),
        "{ item { ...A } } fragment A on Item { ...B } fragment B on Item { ...A }",
        "{ item { ...A } } fragment A on Item { item { ...A } }",
        "{ ...Nope }",
        "#" * 60_000,
        "#\n" * 30_000,
        "," * 65_000,
        '{ greeting(name: "%s") }' % ("\\u0041" * 10_000),
        "{ greeting } " + " ".join(f"fragment F{n} on Item {{ name }}" for n in range(250)),
        "query __schema { %s } %s"
        % (
            "things(first: 200) { nodes { ...F0 } }",
            " ".join(
                f"fragment F{n} on Item {{ things {{ nodes {{ ...F{n + 1} }} }} ...F{n + 1} }}"
                for n in range(80)
            )
            + "fragment F80 on Item { name }",
        ),
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    ],
)
def test_a_document_meant_to_exhaust_the_server_is_answered_at_once(ask: Ask, query: str) -> None:
    begun = time.monotonic()
    response = ask(query)
    # Unguarded, the worst of them take 13 to 41 seconds; a busy machine takes one or two.
    assert time.monotonic() - begun < 5
    assert response.status_code in {200, 400}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_every_spread_counts_once_wherever_its_fragment_is_written(order: tuple[int, ...]) -> None:
    parts = [
        "query { a: item { ...A ...B } }",
        "fragment A on Item { b: item { ...B } ...B @skip(if: false) }",
        "fragment B on Item { c: item { ...C } ...C }",
        "fragment C on Item { d: name e: name }",
    ]
    document = parse(" ".join(parts[place] for place in order))
    # C has 2 fields, B 1 + 2 * 2, A 1 + 2 * 5, the operation 1 + 11 + 5.
    for figures, what, asked in (
        (Limits(fields=16), "fields", 17),
        (Limits(aliases=16), "aliases", 17),
        (Limits(depth=3), "depth", 4),
        (Limits(directives=0), "directives", 1),
    ):
        refusal = exceeded(measure(document), figures)
        assert refusal
        assert refusal.extensions
        assert (refusal.extensions["limit"], refusal.extensions["asked"]) == (what, asked)
    assert exceeded(measure(document), Limits(fields=17, aliases=17, depth=4, directives=1)) is None


def test_only_the_root_fields_of_a_mutation_count_as_mutations() -> None:
    fields = " ".join(f"f{n}" for n in range(30))
    for text in (
        "mutation { a { ...F } b { %s } } fragment F on Item { %s }" % (fields, fields),
        "query { %s }" % fields,
    ):
        assert exceeded(measure(parse(text)), Limits(root_mutations=2)) is None
