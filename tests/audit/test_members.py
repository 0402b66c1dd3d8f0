"""What is told of members: who invited whom, who came and went, and what they wish."""

from __future__ import annotations

from tests.audit.conftest import Told
from tests.deployments import ACTIVATE, PASSWORD, Firm
from tests.members.conftest import DEACTIVATE, UPDATE, id_of, invite, newest_link
from tests.notifications.test_preferences import change


async def test_a_member_is_told_from_the_invitation_to_the_end(firm: Firm, told: Told) -> None:
    me = await id_of(firm.owner)
    await told()
    nele = (await invite(firm.owner)).payload()["member"]["id"]
    got = {event["action"]: event for event in await told()}
    assert set(got) == {"member.created", "memberInvitation.sent"}
    assert {event["subjectId"] for event in got.values()} == {nele}
    assert got["member.created"]["changes"]["status"] == [None, "INVITED"]
    assert got["memberInvitation.sent"]["changes"]["invitedById"] == [None, me]
    given = {"token": await newest_link(firm), "password": PASSWORD}
    (await firm.deployed.nobody.ask(ACTIVATE, input=given)).payload()
    (joined,) = await told()
    assert (joined["action"], joined["actor"]["id"]) == ("member.joined", nele)
    assert joined["changes"] == {"status": ["INVITED", "ACTIVE"]}
    await firm.owner.ask(UPDATE, input={"id": nele, "lastName": "Alt", "permissions": []})
    (changed,) = await told()
    assert changed["action"] == "member.changed"
    assert changed["changes"] == {
        "lastName": ["Neu", "Alt"],
        "permissions": [["VIEW_ALL_ACCOUNTS"], []],
    }
    account = await firm.account(assigneeIds=[nele])
    await told(sign_ins=True)
    (await firm.owner.ask(DEACTIVATE, id=nele)).payload()
    left = {event["action"]: event for event in await told(sign_ins=True)}
    assert set(left) == {"member.deactivated", "session.ended", "account.changed"}
    assert left["account.changed"]["subjectId"] == account["id"]
    assert left["account.changed"]["changes"] == {"assignees": [[nele], []]}
    assert left["session.ended"]["subjectId"] == nele
    (await invite(firm.owner, lastName="Alt", permissions=[])).payload()
    again = {event["action"]: event["changes"] for event in await told()}
    assert again["member.invited"] == {"status": ["DEACTIVATED", "INVITED"]}


async def test_what_a_member_wishes_to_be_told_is_told(firm: Firm, told: Told) -> None:
    me = await id_of(firm.owner)
    await told()
    for wish in (False, True, True):
        await change(firm.owner, CLIENT_ACTIVATED={"inbox": wish})
    said, back = await told()
    assert (said["action"], said["subjectId"]) == ("member.changed", me)
    one, other = (
        {"kind": "CLIENT_ACTIVATED", "inbox": inbox, "email": None} for inbox in (False, True)
    )
    assert said["changes"] == {"notificationPreferences": [[], [one]]}
    assert back["changes"] == {"notificationPreferences": [[one], [other]]}
