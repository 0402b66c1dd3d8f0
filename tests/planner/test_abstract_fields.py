"""Fields of an interface or a union below the root: the row decides the type."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import PortalUser
from tests.planner.conftest import NOW, Desk, account, contact, entry
from tests.planner.toy import Event

pytestmark = pytest.mark.anyio

DAY = date(2026, 11, 23)


async def client(desk: Desk) -> PortalUser:
    user = PortalUser(email="c@example.org", email_key="c@example.org", locale="DE", created_at=NOW)
    await desk.add(user)
    return user


async def test_one_of_several_columns_says_whose_row_it_is(desk: Desk) -> None:
    user = await client(desk)
    await desk.add(
        Event(day=DAY, member_id=desk.member_id),
        Event(day=DAY, portal_user_id=user.id),
        Event(day=DAY),
        Event(day=DAY, member_id="mem_gone"),
        Event(day=DAY, member_id=desk.member_id, portal_user_id=user.id),
    )
    data = await desk.data(
        """{ events { nodes { actor {
          __typename ... on Member { email } ...Client ... on Node { key: id }
        } } } }
        fragment Client on PortalUser { firm { name } }"""
    )
    member = {"__typename": "Member", "email": "ada@example.org", "key": desk.member_id}
    portal_user = {"__typename": "PortalUser", "firm": {"name": "Kanzlei"}, "key": user.id}
    assert [node["actor"] for node in data["events"]["nodes"]] == [
        member, portal_user, None, None, member,
    ]  # fmt: skip
    assert len(desk.statements) == 1


async def test_the_prefix_of_a_stored_id_says_of_which_type_it_is(desk: Desk) -> None:
    await desk.add(anton := account("Anton"), anna := contact("Anna", email="a@example.org"))
    await desk.add(it := entry(anton, anna))
    ids = (anna.id, it.id, anton.id, None, "acct_gone", "nothing", "", "acct")
    await desk.add(*(Event(day=DAY, subject_id=id_) for id_ in ids))
    data = await desk.data(
        """query ($yes: Boolean = true) { events { nodes { subject {
          id
          ... on Contact { mail: email }
          ... on Account { __typename @include(if: $yes)
            contacts(first: 1) { totalCount nodes { contact { id } } } }
          ... on AccountContact @skip(if: $yes) { login }
        } } } }"""
    )
    one = {"totalCount": 1, "nodes": [{"contact": {"id": anna.id}}]}
    assert [node["subject"] for node in data["events"]["nodes"]] == [
        {"id": anna.id, "mail": "a@example.org"},
        {"id": it.id},
        {"id": anton.id, "__typename": "Account", "contacts": one},
        None, None, None, None, None,
    ]  # fmt: skip
    assert len(desk.statements) == 1


async def test_abstract_fields_stand_inside_of_one_another(desk: Desk) -> None:
    last: Event | None = None
    for day in range(5, 0, -1):
        about = None if last is None else last.id
        last = Event(day=DAY.replace(day=day), member_id=desk.member_id, subject_id=about)
        await desk.add(last)
    inside = "day actor { ... on Member { email } }"
    for _ in range(4):
        inside = f"day subject {{ ... on Event {{ {inside} }} }}"
    data = await desk.data(f"{{ events(first: 1) {{ nodes {{ {inside} }} }} }}")
    (found,) = data["events"]["nodes"]
    for day in range(1, 5):
        assert found["day"] == f"2026-11-0{day}"
        found = found["subject"]
    assert found == {"day": "2026-11-05", "actor": {"email": "ada@example.org"}}


async def test_another_firms_row_is_not_there(desk: Desk) -> None:
    await desk.add(theirs := account("theirs"))
    user, member_id = await client(desk), desk.member_id
    await desk.enter_new_firm("Unsere")
    await desk.add(
        Event(day=DAY, member_id=member_id, subject_id=theirs.id),
        Event(day=DAY, portal_user_id=user.id, subject_id=desk.firm_id),
    )
    data = await desk.data("{ events { nodes { actor { __typename } subject { id } } } }")
    assert data["events"]["nodes"] == [{"actor": None, "subject": None}] * 2


@pytest.mark.parametrize(
    "changes",
    [
        None, True, 0, -1.5, "", "ü\u2028\x01", [], {}, [None, {"a": ["b", {}]}],
        {"name": {"from": None, "to": 'Größe "1"'}, "": False},
    ],
)  # fmt: skip
async def test_json_is_shown_as_it_is(desk: Desk, changes: Any) -> None:
    # Through a page, a list of one and an object: at each it stays what it was.
    await desk.add(one := Event(day=DAY, changes=changes))
    await desk.add(Event(day=DAY, subject_id=one.id))
    document = """{ events(last: 2) { edges { cursor node { changes } }
      nodes { subject { ... on Event { changes } } } } }"""
    page = (await desk.data(document))["events"]
    assert page["edges"][0]["node"] == {"changes": changes}
    assert page["nodes"][1]["subject"] == {"changes": changes}


async def test_days_are_days_and_pages_go_by_them(desk: Desk) -> None:
    # The very first and last of Python's days mean infinity to PostgreSQL's driver.
    days = [date(1, 1, 2), date(987, 12, 31), date(2024, 2, 29), date(9999, 12, 30)]
    await desk.add(*(Event(day=day) for day in reversed(days)))
    document = """query ($after: String) { events(first: 1, after: $after) {
      nodes { day } pageInfo { endCursor hasNextPage } } }"""
    seen: list[str] = []
    after, more = None, True
    while more:
        page = (await desk.data(document, {"after": after}))["events"]
        seen += [node["day"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert bytes.fromhex(after).decode().startswith(f"DAY\x1f{seen[-1]}\x1f")
    assert seen == ["0001-01-02", "0987-12-31", "2024-02-29", "9999-12-30"]
    for wrong in ("DAY\x1f2026-02-30\x1fe", "DAY\x1ftomorrow\x1fe", "DAY\x1f\x1fe"):
        refusal = await desk.refusal(document, {"after": wrong.encode().hex()})
        assert refusal.argument == "after"
