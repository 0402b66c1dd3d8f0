"""Root fields and payloads: rows by their ids, of one type or of several."""

from __future__ import annotations

import pytest

from models import Notification, PortalUser
from models.ids import new_id
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
    document = (
        "{ viewer { __typename ... on Member { email } ... on PortalUser { firm { name } } } }"
    )
    data = await desk.data(document)
    assert data["viewer"] == {"__typename": "Member", "email": "ada@example.org"}
    user = PortalUser(email="a@example.org", email_key="a@example.org", locale="DE", created_at=NOW)
    await desk.add(user)
    desk.member_id, desk.portal_user_id = "", user.id
    data = await desk.data(document)
    assert data["viewer"] == {"__typename": "PortalUser", "firm": {"name": "Kanzlei"}}
    desk.portal_user_id = ""
    assert await desk.data(document) == {"viewer": None}
    assert len(desk.statements) == 3


async def test_a_firms_own_row_is_had_by_its_slug_from_anywhere(desk: Desk) -> None:
    slug = (await desk.data("{ firm { slug } }"))["firm"]["slug"]
    document = "query ($slug: String!) { portal(firm: $slug) { name slug } }"
    for firm_id in (desk.firm_id, None, new_id("firm")):
        desk.firm_id = firm_id
        assert await desk.data(document, {"slug": slug}) == {
            "portal": {"name": "Kanzlei", "slug": slug}
        }
    for other in ("", "never", "\0", slug.upper(), "%"):
        assert await desk.data(document, {"slug": other}) == {"portal": None}
