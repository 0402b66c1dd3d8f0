"""A member's invitation that no mail server takes is told to whoever sent it."""

from __future__ import annotations

from typing import Any

from models.enums import Locale, Role
from tests.deployments import Deployed, Voice
from tests.members.conftest import DEACTIVATE, INBOX, id_of, invite
from tests.notifications.conftest import mails

PREFER = """
mutation ($input: UpdateNotificationPreferencesInput!) {
  updateNotificationPreferences(input: $input) { errors { code } }
}
"""
TRAIL = """
{ auditEvents(first: 1) { nodes { action subjectId changes actor { __typename } ipAddress } } }
"""


async def told(voice: Voice) -> list[dict[str, Any]]:
    nodes = (await voice.ask(INBOX)).data["notifications"]["nodes"]
    return [node for node in nodes if node["kind"] == "INVITATION_BOUNCED"]


async def prefer(voice: Voice, **wanted: bool) -> None:
    given = {"preferences": [{"kind": "INVITATION_BOUNCED", **wanted}]}
    (await voice.ask(PREFER, input=given)).payload()


async def test_whoever_invited_is_told_and_nobody_else(refused: Deployed) -> None:
    firm = await refused.firm()
    admin = await firm.member(role=Role.ADMIN)
    member = (await invite(admin)).payload()["member"]
    await refused.deliver()
    (news,) = await told(admin)
    assert news["title"] == "The invitation to Nele Neu could not be delivered"
    assert "Nele@work.test did not take the mail that invites Nele Neu" in news["body"]
    assert (news["account"], news["url"]) == (None, None)
    assert await told(firm.owner) == []
    (event,) = (await firm.owner.ask(TRAIL)).data["auditEvents"]["nodes"]
    assert event == {
        "action": "memberInvitation.bounced",
        "subjectId": member["id"],
        "changes": {"delivery": ["QUEUED", "FAILED"]},
        "actor": None,
        "ipAddress": None,
    }


async def test_the_owners_are_told_where_whoever_invited_has_left(refused: Deployed) -> None:
    firm = await refused.firm()
    admin = await firm.member(role=Role.ADMIN)
    (await invite(admin)).payload()
    (await firm.owner.ask(DEACTIVATE, id=await id_of(admin))).payload()
    await refused.deliver()
    assert len(await told(firm.owner)) == 1


async def test_it_is_told_in_the_readers_language_and_as_they_prefer(refused: Deployed) -> None:
    firm = await refused.firm(Locale.DE)
    await prefer(firm.owner, inbox=True, email=True)
    quiet = await firm.member(role=Role.ADMIN)
    await prefer(quiet, inbox=False)
    (await invite(firm.owner, locale="EN")).payload()
    (await invite(quiet, email="other@work.test")).payload()
    await refused.deliver()
    assert await told(quiet) == []
    (news,) = await told(firm.owner)
    assert news["title"] == "Die Einladung an Nele Neu konnte nicht zugestellt werden"
    assert "Nele@work.test hat die E-Mail nicht angenommen" in news["body"]
    assert [mail for mail in await mails(firm) if mail[1] == "NOTIFICATION"] == [
        (firm.owner_email, "NOTIFICATION")
    ]


async def test_of_a_link_that_was_replaced_only_the_newest_mail_is_told(refused: Deployed) -> None:
    firm = await refused.firm()
    (await invite(firm.owner)).payload()
    await refused.deliver()
    (await invite(firm.owner)).payload()
    assert len(await told(firm.owner)) == 1
    await refused.deliver()
    assert len(await told(firm.owner)) == 2
