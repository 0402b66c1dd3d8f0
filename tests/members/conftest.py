"""What tests of members send, and who speaks in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.enums import Permission, Role
from tests.deployments import ACTIVATE, PASSWORD, Answer, Firm, Voice

INVITE = """
mutation ($input: InviteMemberInput!) {
  inviteMember(input: $input) {
    member { id email firstName lastName role permissions status locale }
    errors { path code message }
  }
}
"""
UPDATE = """
mutation ($input: UpdateMemberInput!) {
  updateMember(input: $input) {
    member { id firstName lastName role permissions status locale }
    errors { path code message }
  }
}
"""
DEACTIVATE = """
mutation ($id: ID!) {
  deactivateMember(id: $id) {
    member { id status } unassigned { id name } unassignedCount
    errors { path code message }
  }
}
"""
MEMBERS = "{ members { id email firstName lastName role permissions status locale } }"
ME = "{ viewer { ... on Member { id email role permissions status } } }"
INBOX = "{ notifications { nodes { kind title body account { id } url } } }"
NELE = {"email": "Nele@work.test", "firstName": "Nele", "lastName": "Neu"}


async def id_of(voice: Voice) -> str:
    """The id of the member who speaks."""
    return (await voice.ask(ME)).data["viewer"]["id"]


async def invite(voice: Voice, **given: Any) -> Answer:
    """Invites Nele, as far as *given* says nothing else."""
    return await voice.ask(INVITE, input={**NELE, **given})


async def newest_link(firm: Firm, address: str = "Nele@work.test") -> str:
    """The token of the newest letter to *address*."""
    return (await firm.deployed.mails_to(address))[-1].token


async def joined(
    firm: Firm, role: Role, permissions: Sequence[Permission] = (), *, address: str
) -> Voice:
    """A member whom the owner invited, and who has a password."""
    given: dict[str, Any] = {"email": address, "role": role}
    if role is Role.EMPLOYEE:
        given["permissions"] = list(permissions)
    (await invite(firm.owner, **given)).payload()
    token = await newest_link(firm, address)
    answer = await firm.deployed.nobody.ask(ACTIVATE, input={"token": token, "password": PASSWORD})
    return Voice(firm.deployed, answer.payload()["token"])
