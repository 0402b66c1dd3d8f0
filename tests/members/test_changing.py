"""Roles and permissions: nobody gives what they lack, and a firm keeps an owner."""

from __future__ import annotations

import asyncio
from typing import Any

from models.enums import Permission, Role
from tests.deployments import Deployed, Firm, Voice
from tests.documents import CREATE_CONTACT
from tests.members.conftest import DEACTIVATE, MEMBERS, UPDATE, id_of, invite, joined

V, T, M = Permission.VIEW_ALL_ACCOUNTS, Permission.MANAGE_TAGS, Permission.MANAGE_MEMBERS


async def change(voice: Voice, id: str, **given: Any) -> Any:
    return await voice.ask(UPDATE, input={"id": id, **given})


async def test_what_is_left_out_stays(firm: Firm) -> None:
    voice = await firm.member(V, T)
    id = await id_of(voice)
    changed = (await change(firm.owner, id, lastName=" Neu ", locale="DE")).payload()["member"]
    assert changed == {
        "id": id,
        "firstName": "Alex",
        "lastName": "Neu",
        "role": "EMPLOYEE",
        "permissions": ["MANAGE_TAGS", "VIEW_ALL_ACCOUNTS"],
        "status": "ACTIVE",
        "locale": "DE",
    }


async def test_permissions_hold_from_the_next_request_on(firm: Firm) -> None:
    voice = await firm.member(V)
    id = await id_of(voice)
    contact = {"lastName": "Weber"}
    assert (await voice.ask(CREATE_CONTACT, input=contact)).codes == ["FORBIDDEN"]
    (await change(firm.owner, id, permissions=["VIEW_ALL_ACCOUNTS", "MANAGE_CONTACTS"])).payload()
    (await voice.ask(CREATE_CONTACT, input=contact)).payload()
    (await change(firm.owner, id, permissions=["VIEW_ALL_ACCOUNTS"])).payload()
    assert (await voice.ask(CREATE_CONTACT, input=contact)).codes == ["FORBIDDEN"]
    promoted = (await change(firm.owner, id, role="ADMIN")).payload()["member"]
    assert set(promoted["permissions"]) == {each.value for each in Permission}
    (await voice.ask(CREATE_CONTACT, input=contact)).payload()
    again = (await change(firm.owner, id, role="EMPLOYEE")).payload()["member"]
    assert again["permissions"] == ["VIEW_ALL_ACCOUNTS"]
    assert (await voice.ask(CREATE_CONTACT, input=contact)).codes == ["FORBIDDEN"]


async def test_nobody_gives_a_role_or_a_permission_that_they_lack(firm: Firm) -> None:
    admin = await firm.member(role=Role.ADMIN)
    clerk = await firm.member(T, M, limited=True)
    other = await id_of(await firm.member(limited=True))
    refused = [("role", "FORBIDDEN")]
    assert (await change(admin, other, role="OWNER")).refusals() == refused
    assert (await invite(admin, role="OWNER")).refusals() == refused
    assert (await change(admin, await id_of(admin), role="OWNER")).refusals() == refused
    for role in ("ADMIN", "OWNER"):
        assert (await change(clerk, other, role=role)).refusals() == refused
        assert (await invite(clerk, role=role)).refusals() == refused
    for id in (other, await id_of(clerk)):
        answer = await change(clerk, id, permissions=[M, V, T, "EXPORT"])
        assert answer.refusals() == [
            ("permissions.1", "FORBIDDEN"),
            ("permissions.3", "FORBIDDEN"),
        ]
    assert (await invite(clerk, permissions=[V])).refusals() == [("permissions.0", "FORBIDDEN")]
    (await change(clerk, other, permissions=[T, T])).payload()
    # What a role brings by itself is given as far as the giver has it.
    assert (await invite(clerk)).payload()["member"]["permissions"] == []


async def test_nobody_changes_somebody_above_them(firm: Firm) -> None:
    owner = await id_of(firm.owner)
    admin = await firm.member(role=Role.ADMIN)
    clerk = await firm.member(M, T, limited=True)
    wider = await id_of(await firm.member(M, V))
    refused = [("id", "FORBIDDEN")]
    for voice, above in (
        (admin, owner),
        (clerk, owner),
        (clerk, await id_of(admin)),
        (clerk, wider),
    ):
        assert (await change(voice, above, firstName="Mallory")).refusals() == refused
        assert (await voice.ask(DEACTIVATE, id=above)).refusals() == refused
    second = await id_of(await joined(firm, Role.OWNER, address="second@work.test"))
    (await firm.owner.ask(DEACTIVATE, id=second)).payload()
    assert (await invite(admin, email="second@work.test")).refusals() == [("email", "FORBIDDEN")]
    (await change(admin, wider, permissions=[])).payload()


async def test_the_last_owner_stays_one(firm: Firm) -> None:
    owner = await id_of(firm.owner)
    # Whoever has not joined yet cannot own anything.
    (await invite(firm.owner, role="OWNER")).payload()
    for role in ("ADMIN", "EMPLOYEE"):
        answer = await change(firm.owner, owner, role=role)
        assert answer.refusals() == [("role", "LAST_OWNER")]
    assert (await firm.owner.ask(DEACTIVATE, id=owner)).refusals() == [("id", "LAST_OWNER")]
    await firm.member(role=Role.OWNER)
    (await change(firm.owner, owner, role="ADMIN")).payload()
    assert (await change(firm.owner, owner, role="OWNER")).refusals() == [("role", "FORBIDDEN")]


async def test_of_two_owners_who_step_down_at_once_one_stays(deployed: Deployed) -> None:
    for way in ("self", "each other", "deactivate"):
        firm = await deployed.firm()
        voices = [firm.owner, await firm.member(role=Role.OWNER)]
        ids = [await id_of(voice) for voice in voices]
        if way != "self":
            ids.reverse()
        if way == "deactivate":
            asked = [voice.ask(DEACTIVATE, id=id) for voice, id in zip(voices, ids, strict=True)]
        else:
            asked = [change(voice, id, role="ADMIN") for voice, id in zip(voices, ids, strict=True)]
        answers = await asyncio.gather(*asked)
        worked = [each for each in answers if "errors" not in each.body and not each.refusals()]
        assert len(worked) == 1, way
        for voice in voices:
            answer = await voice.ask(MEMBERS)
            if "errors" not in answer.body:
                roles = [
                    each["role"] for each in answer.data["members"] if each["status"] == "ACTIVE"
                ]
                assert roles.count("OWNER") == 1, way


async def test_what_is_wrong_is_told_at_once(firm: Firm) -> None:
    id = await id_of(await firm.member(V))
    answer = await change(
        firm.owner,
        id,
        firstName="",
        lastName="\u202eevil",
        role=None,
        permissions=None,
        locale=None,
    )
    assert sorted(answer.refusals()) == [
        ("firstName", "REQUIRED"),
        ("lastName", "FORBIDDEN_CHARACTERS"),
        ("locale", "REQUIRED"),
        ("permissions", "REQUIRED"),
        ("role", "REQUIRED"),
    ]
    conflict = await change(firm.owner, id, role="ADMIN", permissions=["EXPORT"])
    assert conflict.refusals() == [("permissions", "CONFLICT")]
    for strange in ("", "mem_" + "0" * 32, "x" * 5000):
        assert (await change(firm.owner, strange, firstName="A")).refusals() == [
            ("id", "NOT_FOUND")
        ]
    members = (await firm.owner.ask(MEMBERS)).data["members"]
    assert next(each for each in members if each["id"] == id)["firstName"] == "Alex"


async def test_one_who_lost_the_permission_on_the_way_changes_nothing(firm: Firm) -> None:
    clerk = await firm.member(M, T, limited=True)
    other, mine = await id_of(await firm.member(limited=True)), await id_of(clerk)
    answers = await asyncio.gather(
        change(firm.owner, mine, permissions=[]),
        *[change(clerk, other, permissions=[T]) for _ in range(5)],
    )
    answers[0].payload()
    assert (await change(clerk, other, permissions=[])).codes == ["FORBIDDEN"]
