"""A member who is deactivated is out at once, and the owners hear what they looked after."""

from __future__ import annotations

from models.enums import Locale, Permission, Role
from tests.deployments import PASSWORD, SIGN_IN, Firm
from tests.documents import ACCOUNT, UPDATE_ACCOUNT
from tests.members.conftest import DEACTIVATE, INBOX, ME, id_of, invite

FORGOTTEN = """
mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { errors { code } }
}
"""
RESET = """
mutation ($input: ResetPasswordInput!) {
  resetPassword(input: $input) { token errors { path code } }
}
"""


async def test_every_session_and_link_ends_at_once(firm: Firm) -> None:
    voice = await firm.member(Permission.VIEW_ALL_ACCOUNTS)
    me = (await voice.ask(ME)).data["viewer"]
    second = await firm.sign_in(me["email"])
    ask = firm.deployed.nobody.ask
    await ask(FORGOTTEN, input={"firm": firm.slug, "email": me["email"]})
    token = (await firm.deployed.mails_to(me["email"]))[-1].token
    gone = (await firm.owner.ask(DEACTIVATE, id=me["id"])).payload()
    assert gone == {
        "member": {"id": me["id"], "status": "DEACTIVATED"},
        "unassigned": [],
        "unassignedCount": 0,
        "errors": [],
    }
    for session in (voice, second):
        assert (await session.ask("{ firm { id } }")).codes == ["UNAUTHENTICATED"]
        assert (await session.ask(ME)).data["viewer"] is None
    given = {"firm": firm.slug, "email": me["email"], "password": PASSWORD}
    assert (await ask(SIGN_IN, input=given)).refusals() == [("password", "INVALID_CREDENTIALS")]
    again = await ask(RESET, input={"token": token, "password": "a third garden of lanterns"})
    assert len(again.refusals()) == 1
    # Nor does it come back to life with its member.
    (await invite(firm.owner, email=me["email"])).payload()
    again = await ask(RESET, input={"token": token, "password": "a third garden of lanterns"})
    assert len(again.refusals()) == 1


async def test_the_owners_are_told_which_accounts_were_assigned(firm: Firm) -> None:
    german = await firm.member(role=Role.OWNER, locale=Locale.DE)
    admin = await firm.member(role=Role.ADMIN)
    voice = await firm.member(Permission.VIEW_ALL_ACCOUNTS)
    id, other = await id_of(voice), await id_of(admin)
    accounts = [await firm.account(assigneeIds=[id, other]) for _ in range(12)]
    gone = (await admin.ask(DEACTIVATE, id=id)).payload()
    assert [each["id"] for each in gone["unassigned"]] == [each["id"] for each in accounts]
    assert gone["unassignedCount"] == 12
    (told,) = (await firm.owner.ask(INBOX)).data["notifications"]["nodes"]
    assert (told["kind"], told["title"]) == ("MEMBER_DEACTIVATED", "Alex Desk was deactivated")
    for account in accounts[:10]:
        assert f"{account['name']} ({account['number']})" in told["body"]
    assert told["body"].endswith("and 2 more.")
    (told,) = (await german.ask(INBOX)).data["notifications"]["nodes"]
    assert told["title"] == "Alex Desk wurde deaktiviert"
    assert told["body"].endswith("und 2 weitere.")
    assert (await admin.ask(INBOX)).data["notifications"]["nodes"] == []
    for account in accounts:
        found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
        assert [each["id"] for each in found["assignees"]] == [other]
    answer = await firm.owner.ask(
        UPDATE_ACCOUNT, input={"id": accounts[0]["id"], "assigneeIds": [id]}
    )
    assert answer.refusals() == [("assigneeIds.0", "NOT_FOUND")]


async def test_deactivating_twice_tells_nobody_again(firm: Firm) -> None:
    id = await id_of(await firm.member())
    for _ in range(2):
        gone = (await firm.owner.ask(DEACTIVATE, id=id)).payload()
        assert gone["member"]["status"] == "DEACTIVATED"
    assert len((await firm.owner.ask(INBOX)).data["notifications"]["nodes"]) == 1


async def test_members_are_deactivated_by_those_who_manage_them(firm: Firm) -> None:
    id = await id_of(await firm.member())
    others = [each for each in Permission if each is not Permission.MANAGE_MEMBERS]
    assert (await (await firm.member(*others)).ask(DEACTIVATE, id=id)).codes == ["FORBIDDEN"]
    (await (await firm.member(Permission.MANAGE_MEMBERS)).ask(DEACTIVATE, id=id)).payload()
    for strange in ("", "mem_" + "0" * 32, "acct_" + "0" * 32):
        assert (await firm.owner.ask(DEACTIVATE, id=strange)).refusals() == [("id", "NOT_FOUND")]
