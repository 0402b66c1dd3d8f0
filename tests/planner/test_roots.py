"""Root fields and payloads: rows by their ids, of one type or of several."""

from __future__ import annotations

import pytest

from models import Notification
from tests.planner.conftest import NOW, Desk, account, contact

pytestmark = pytest.mark.anyio


async def test_nodes_keep_the_order_of_their_ids_whatever_their_types(desk: Desk) -> None:
    await desk.add(
        anton := account("Anton"),
        anna := contact("Anna"),
        note := Notification(
            member_id=desk.member_id, kind="IMPORT_FINISHED", title="Fertig", created_at=NOW
        ),
    )
    document = """query ($ids: [ID!]!) { nodes(ids: $ids) {
      id ...Name ... on Contact { name } ... on Notification { title account { id } } } }
      fragment Name on Account { name kind: __typename }"""
    ids = [note.id, anna.id, "acct_absent", anton.id, "nothing", "", anna.id]
    data = await desk.data(document, {"ids": ids})
    person = {"id": anna.id, "name": "Anna"}
    assert data["nodes"] == [
        {"id": note.id, "title": "Fertig", "account": None},
        person,
        None,
        {"id": anton.id, "name": "Anton", "kind": "Account"},
        None,
        None,
        person,
    ]
    assert (await desk.data(document, {"ids": []}))["nodes"] == []
    assert len((await desk.data(document, {"ids": [anton.id] * 200}))["nodes"]) == 200
    assert len(desk.statements) == 3
    assert (await desk.refusal(document, {"ids": ["acct_0"] * 201})).argument == "ids"


async def test_a_payload_reads_its_objects_by_the_ids_it_is_given(desk: Desk) -> None:
    await desk.add(anton := account("Anton"))
    document = """mutation ($id: ID!) { touch(id: $id) {
      account { name } accounts { id contacts(first: 1) { totalCount } } } }"""
    for _ in range(2):
        data = await desk.data(document, {"id": anton.id})
        assert data["touch"] == {
            "account": {"name": "Anton"},
            "accounts": [{"id": anton.id, "contacts": {"totalCount": 0}}],
        }
    assert len(desk.statements) == 4
    assert all(len(variants) == 1 for variants in desk.plans(document).values())


async def test_who_asks_decides_the_type_of_the_viewer(desk: Desk) -> None:
    data = await desk.data(
        "{ viewer { __typename ... on Member { email } ... on PortalUser { accounts { id } } } }"
    )
    assert data["viewer"] == {"__typename": "Member", "email": "ada@example.org"}
