"""Another firm's id is as absent as one that never was, wherever the schema takes an id.

The schema is walked as it is: a new field, or a new id in an input, fails here until it has a
call in `calls.py`, and is then tried like all the others.
"""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_client_schema, get_introspection_query

from models.ids import new_id
from tests.isolation.calls import (
    ALIKE,
    CALLS,
    filled,
    ids_in,
    positions_passed,
)
from tests.isolation.turns import in_turn, voice_for
from tests.isolation.twins import SILENCE, Twin, send
from tests.isolation.walk import document, id_positions, root_fields

PLACES = [
    pytest.param(
        name, number, path, its.name, id=f"{name}{number or ''}.{'.'.join(map(str, path))}"
    )
    for name, call in CALLS.items()
    for number, variables in enumerate(call.variables)
    for path, its in ids_in(variables)
]
GARBAGE = [
    "",
    "acct_",
    "acct_" + "z" * 32,
    "' OR 1=1 --",
    "%",
    "\x00",
    "ACCT_" + "0" * 32,
    "a" * 5000,
    "ı" * 40,
]


def test_every_root_field_has_a_call() -> None:
    assert set(CALLS) == set(root_fields())


def test_every_id_that_the_schema_takes_is_passed_by_a_call() -> None:
    assert positions_passed() == set(id_positions())


async def test_the_schema_that_is_walked_is_the_one_that_is_served(
    pair: tuple[Twin, Twin],
) -> None:
    answer = await pair[0].deployed.nobody.ask(get_introspection_query())
    served = build_client_schema(answer.data)
    assert id_positions(served) == id_positions()
    assert set(root_fields(served)) == set(root_fields())


@pytest.mark.parametrize(("name", "number", "path", "its"), PLACES)
async def test_an_id_of_another_firm_is_as_absent_as_one_that_never_was(
    pair: tuple[Twin, Twin], name: str, number: int, path: tuple[Any, ...], its: str
) -> None:
    mine, other = pair
    voice, call = voice_for(mine, name), CALLS[name].variables[number]
    text = document(name)
    before = await other.rows(), await mine.rows()

    async def answer_for(id: str) -> tuple[int, str, list[tuple[str, str]]]:
        answer = await send(voice, text, filled(call, mine, (path, id)))
        told = answer.text
        _shows_nothing(told.replace(id, "") if id else told, other)
        _shows_nothing(str(answer.headers), other)
        assert "INTERNAL" not in told and answer.status_code in (200, 400), told
        normal = told.replace(id, "ID") if len(id) > 30 else told
        return answer.status_code, normal, answer.headers.multi_items()

    prefix = mine.ids[its].partition("_")[0]
    theirs = await answer_for(other.ids[its])
    never = await answer_for(new_id(prefix))
    assert theirs == never
    # A subscription says of an id of another kind that it is none of its own.
    alike = name in ("node", "nodes", "notificationReceived") or (name, path[:-1]) in ALIKE
    for kind in ("account", "contact", "member", "portal_user", "session", "invitation", "tag"):
        if not mine.ids[kind].startswith(f"{prefix}_"):
            await answer_for(other.ids[kind])
            if not alike:
                # An id of one's own may stand in the answer for other reasons.
                status, normal, headers = never
                same = status, normal.replace(mine.ids[kind], "ID"), headers
                assert await answer_for(mine.ids[kind]) == same
    for garbage in GARBAGE:
        await answer_for(garbage)
    assert (await other.rows(), await mine.rows()) == before


def _shows_nothing(text: str, other: Twin) -> None:
    shown = [secret for secret in other.secrets() if secret in text]
    assert shown == []


async def test_what_a_firm_can_read_of_itself_holds_nothing_of_its_twin(
    pair: tuple[Twin, Twin],
) -> None:
    for mine, other in (pair, pair[::-1]):
        for name, call in CALLS.items():
            if root_fields()[name][0] != "query":
                continue
            for variables in call.variables:
                answer = await send(
                    voice_for(mine, name), document(name, depth=5), filled(variables, mine)
                )
                assert "errors" not in answer.json(), answer.text
                _shows_nothing(answer.text, other)
        answer = await send(mine.client, document("viewer", depth=6), {})
        assert mine.ids["portal_user"] in answer.text
        _shows_nothing(answer.text, other)


async def test_counts_searches_and_orders_are_a_firms_own(pair: tuple[Twin, Twin]) -> None:
    found: list[Any] = []
    for mine, other in (pair, pair[::-1]):
        answer = await mine.owner.ask(
            """query ($theirs: String!, $last: String!) {
                 same: accounts(filter: { search: "gemeinsam" }) { totalCount }
                 all: accounts(first: 1, orderBy: { field: CREATED_AT, direction: DESC })
                   { totalCount pageInfo { hasNextPage hasPreviousPage } nodes { number } }
                 people: contacts(filter: { email: "anna@gleich.test" }) { totalCount }
                 theirs: contacts(filter: { search: $theirs }) { totalCount }
                 byAddress: contacts(filter: { email: $last }) { totalCount }
                 notifications { totalCount unreadCount }
               }""",
            theirs=other.canaries[3],
            last=other.texts["client"],
        )
        assert answer.data["theirs"]["totalCount"] == answer.data["byAddress"]["totalCount"] == 0
        found.append(answer.data)
    assert found[0] == found[1]


async def test_a_cursor_of_another_firm_shows_nothing_of_it(pair: tuple[Twin, Twin]) -> None:
    mine, other = pair
    text = (
        "query ($after: String) { accounts(first: 2, after: $after)"
        " { totalCount pageInfo { endCursor } nodes { id name companyName } } }"
    )
    cursor = (await other.owner.ask(text)).data["accounts"]["pageInfo"]["endCursor"]
    _shows_nothing((await send(mine.owner, text, {"after": cursor})).text, other)


async def test_every_call_of_the_matrix_is_one_that_works(fresh: tuple[Twin, Twin]) -> None:
    mine, other = fresh
    untouched = await other.rows()
    async for name, _, answer in in_turn(mine):
        body = answer.json()
        assert "errors" not in body, (name, body)
        if body == SILENCE:
            assert root_fields()[name][0] == "subscription"
            continue
        found = body["data"][name]
        assert found is not None or name == "viewer", name
        if root_fields()[name][0] == "mutation":
            assert found["errors"] == [], (name, found)
        _shows_nothing(answer.text, other)
    assert await other.rows() == untouched
