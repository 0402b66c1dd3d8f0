"""No row of another firm is ever read, at any depth."""

from __future__ import annotations

from datetime import date

import pytest

from models import AccountAssignee, Base, Folder, Notification, Phone, PortalUser
from tests.planner.conftest import NOW, Desk, account, contact, entry, member
from tests.planner.toy import Event, ToyBase

pytestmark = pytest.mark.anyio

EVERYTHING = """query ($id: ID!, $ids: [ID!]!) {
  firm { name }
  members { email }
  account(id: $id) { ...A }
  node(id: $id) { id }
  nodes(ids: $ids) { id __typename ...A }
  accounts { totalCount nodes { ...A } edges { node { id } } }
  contacts { totalCount nodes { ...C accounts { totalCount nodes { account { ...A } } } } }
  events { totalCount nodes { actor { ... on Member { email } } subject { id ...A } } }
  notifications { totalCount unreadCount nodes { title account { ...A } } }
}
fragment A on Account { id name portalStatus folders { path } assignees { email }
  contacts { totalCount nodes { contact { ...C } } } }
fragment C on Contact { id name phones { number } }"""


async def fill(desk: Desk, mark: str) -> list[str]:
    user = PortalUser(email=f"{mark}@example.org", email_key=f"{mark}@example.org", locale="DE",
                      created_at=NOW)  # fmt: skip
    await desk.add(
        one := account(mark),
        person := contact(mark, email_key=f"{mark}@example.org"),
        other := member(f"{mark}@example.org"),
        user,
    )
    await desk.add(
        link := entry(one, person),
        Folder(account_id=one.id, name=mark, path=mark, path_key=mark, access="UPLOAD"),
        Phone(contact_id=person.id, position=0, number=mark, type="WORK"),
        AccountAssignee(account_id=one.id, member_id=other.id),
        note := Notification(
            member_id=desk.member_id, kind="IMPORT_FINISHED", title=mark, created_at=NOW,
            account_id=one.id,
        ),
        Event(day=date(2026, 1, 2), member_id=other.id, subject_id=one.id),
    )  # fmt: skip
    return [row.id for row in (one, person, other, user, link, note)]


async def test_two_firms_never_notice_each_other(desk: Desk) -> None:
    ids = await fill(desk, "theirs")
    await desk.enter_new_firm("Unsere")
    empty = await desk.data(EVERYTHING, {"id": ids[0], "ids": ids})
    assert empty["account"] is None and empty["node"] is None
    assert empty["nodes"] == [None] * len(ids)
    assert empty["accounts"] == {"totalCount": 0, "nodes": [], "edges": []}
    ours = await fill(desk, "ours")
    data = await desk.data(EVERYTHING, {"id": ours[0], "ids": [*ids, *ours]})
    assert "theirs" not in str(data)
    assert str(data).count("'ours'") > 10
    assert data["accounts"]["totalCount"] == 1
    assert data["nodes"][: len(ids)] == [None] * len(ids)
    assert [node["id"] for node in data["nodes"][len(ids) :]] == ours


async def test_rows_that_share_an_id_with_another_firm_are_kept_apart(desk: Desk) -> None:
    # Ids are unique by their making, not by the database: keys are (firm_id, id).
    other = account("theirs", id="acct_" + "1" * 32)
    person = contact("theirs", id="cont_" + "1" * 32)
    await desk.add(other, person)
    await desk.add(entry(other, person, id="acon_" + "1" * 32))
    await desk.enter_new_firm("Unsere")
    await desk.add(account("ours", id=other.id), contact("ours", id=person.id))
    data = await desk.data(EVERYTHING, {"id": other.id, "ids": [person.id, other.id]})
    assert data["account"]["name"] == "ours"
    assert data["account"]["contacts"] == {"totalCount": 0, "nodes": []}
    assert "theirs" not in str(data)


async def test_every_table_of_a_statement_has_the_firms_condition(desk: Desk) -> None:
    await desk.data(EVERYTHING, {"id": "acct_0", "ids": ["acct_0"]})
    tables = {*Base.metadata.tables, *ToyBase.metadata.tables}
    for sql in desk.statements:
        # Of each table's alias, firm_id is compared to something.
        words = sql.replace("(", " ").replace(")", " ").replace(",", " ").split()
        aliases = {
            words[place + 2]
            for place, word in enumerate(words[:-2])
            if word in tables and words[place + 1] == "AS"
        }
        assert aliases
        for alias in aliases:
            column = "id" if alias.startswith("firms") else "firm_id"
            assert f"{alias}.{column} = " in sql or f"= {alias}.{column}" in sql, (alias, sql)
