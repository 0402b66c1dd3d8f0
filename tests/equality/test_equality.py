"""Whatever is asked, the planner's answer is that of an ordinary execution, byte for byte.

The operations are drawn from the live schema, alike in every run: 700 documents, three of four
of them with two sets of variables. With the environment variable MANDANT_TEST_OPERATIONS the
first test draws that many others on each database.
"""

from __future__ import annotations

import dataclasses
import os
from typing import Any

import orjson
from graphql import get_named_type, is_abstract_type, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenancy.scope import LIMITED
from tenancy.session import firm_session
from tests.equality.live import BARE, DECLARATIONS
from tests.equality.operations import Writer
from tests.equality.reference import Reference
from tests.equality.tables import Tables
from tests.equality.world import PRESENT, Seat, World

MORE = os.environ.get("MANDANT_TEST_OPERATIONS")
QUERIES = settings(
    max_examples=int(MORE or 700),
    derandomize=MORE is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


async def expected(
    world: World, seat: Seat, document: str, variables: dict[str, Any], *done: Any
) -> bytes:
    """The data of the ordinary execution, in which nothing fails."""
    database, limited_to = world.deployed.deployment.database, seat.constants[LIMITED]
    async with firm_session(database, seat.firm_id, limited_to=limited_to) as session:
        result = await session.run_sync(
            lambda bound: seat.reference.answer(bound, parse(document), variables, *done)
        )
    assert not result.errors, result.errors
    return orjson.dumps(result.data)


@st.composite
def queries(draw: st.DrawFn) -> tuple[int, str, list[dict[str, Any]]]:
    """Who asks (those of the first firm most often, who have most to see), and what.

    Where there are variables it is asked with two sets of them, as the second time the
    product may use the plan of the first, or may not.
    """
    (world,) = PRESENT
    place = draw(st.sampled_from([1, 1, 2, 3, 4, 1, *range(len(world.seats))]))
    writer = Writer(draw, BARE, DECLARATIONS, world.pools)
    document = writer.query(world.seats[place].roots)
    return place, document, [writer.variables, *([writer.others] if writer.others else [])]


@QUERIES
@given(query=queries())
async def test_any_query_is_answered_as_by_an_ordinary_execution(
    world: World, query: tuple[int, str, list[dict[str, Any]]]
) -> None:
    place, document, asked = query
    seat = world.seats[place]
    for variables in asked:
        answer = await seat.voice.ask(document, **variables)
        if answer.codes == ["TOO_COMPLEX"]:
            # Pages in pages, more than one may ask for at once: the answer is as it should be.
            return
        assert orjson.dumps(answer.data) == await expected(world, seat, document, variables)


WRITES = {
    "updateAccount": ("accounts", "(input: {id: $id})"),
    "restoreAccounts": ("accounts", "(ids: [$id])"),
    "updateContact": ("contacts", "(input: {id: $id})"),
    "updateAccountContact": ("entries", "(input: {id: $id, notify: true})"),
    "switchAccount": ("open", "(input: {accountId: $id})"),
}
"""Mutations that leave enough for the next ones, and whose ids they take."""
OWN = """
{
  accounts(first: 200) { nodes { id contacts { nodes { id } } } }
  contacts(first: 200) { nodes { id } }
}
"""
OPEN = "{ viewer { ... on PortalUser { accounts { id } } } }"


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, int, str, dict[str, Any]]:
    """Which mutation, of the how-manieth row, and what is asked for of its payload."""
    (world,) = PRESENT
    name = draw(st.sampled_from(sorted(WRITES)))
    writer = Writer(draw, BARE, DECLARATIONS, world.pools)
    document = writer.mutation(name, WRITES[name][1])
    return name, draw(st.integers(0, 100)), document, writer.variables


@settings(QUERIES, max_examples=50)
@given(mutation=mutations())
async def test_what_a_mutation_answers_is_what_is_there_afterwards(
    written: World, mutation: tuple[str, int, str, dict[str, Any]]
) -> None:
    name, place, document, variables = mutation
    seat = written.seats[3 if name == "switchAccount" else 1]
    ids = await ids_of(written)
    of = ids[WRITES[name][0]]
    variables = {**variables, "id": of[place % len(of)]}
    answer = await seat.voice.ask(document, **variables)
    moved = {"current_account_id": variables["id"]} if name == "switchAccount" else {}
    tables = Tables({**seat.constants, **moved})
    reference = Reference(BARE, DECLARATIONS, tables, seat.reference.firms)
    after = dataclasses.replace(seat, reference=reference)

    def done(reference: Reference) -> dict[str, Any]:
        payload: Any = get_named_type(BARE.mutation_type.fields[name].type)  # type: ignore[union-attr]
        found: dict[str, Any] = {"errors": []}
        for key, field in payload.fields.items():
            kind: Any = get_named_type(field.type)
            if key == "possibleDuplicates":  # Only what is new is compared with the others.
                found[key] = []
            elif is_abstract_type(kind):
                found[key] = reference.by_id(str(seat.constants["portal_user_id"]), "PortalUser")
            elif DECLARATIONS.rows(kind.name):
                row = reference.by_id(variables["id"], kind.name)
                found[key] = [row] if "[" in str(field.type) else row
        return {name: found}

    assert orjson.dumps(answer.data) == await expected(written, after, document, variables, done)


async def ids_of(world: World) -> dict[str, list[str]]:
    """The ids that the mutations are called with, in an order that stays."""
    own = (await world.seats[1].voice.ask(OWN)).data
    accounts = own["accounts"]["nodes"]
    user = (await world.seats[3].voice.ask(OPEN)).data["viewer"]
    found = {
        "accounts": [node["id"] for node in accounts],
        "contacts": [node["id"] for node in own["contacts"]["nodes"]],
        "entries": [node["id"] for one in accounts for node in one["contacts"]["nodes"]],
        "open": [node["id"] for node in user["accounts"]],
    }
    return {name: sorted(ids) for name, ids in found.items()}
