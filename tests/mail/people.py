"""A firm with an invitation, and mails in its outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mail import outbox
from mail.outbox import Template
from models import Account, AccountContact, Contact, Firm, Folder, Invitation, Mail, Member
from models.enums import (
    AccountStatus,
    AccountType,
    CreatedVia,
    DeliveryStatus,
    FolderAccess,
    InvitationStatus,
    Locale,
    MemberStatus,
    Role,
)
from models.ids import new_id
from tenancy.database import Database
from tenancy.session import firm_session


@dataclass(frozen=True)
class Invited:
    """The ids of a firm and of an invitation in it."""

    firm_id: str
    invitation_id: str


async def invite_somebody(database: Database, now: datetime) -> Invited:
    """A new firm with an owner, one account, its contact, and a pending invitation without a mail."""
    firm_id, invitation_id = new_id("firm"), new_id("inv")
    async with firm_session(database, firm_id) as session:
        session.add(
            Firm(
                id=firm_id,
                name="Weber & Partner",
                slug=firm_id.replace("_", "-"),
                locale=Locale.DE,
                time_zone="Europe/Berlin",
                sign_up_enabled=False,
                created_at=now,
            )
        )
        owner = Member(
            id=new_id("mem"),
            email="owner@weber.example",
            email_key="owner@weber.example",
            first_name="Ada",
            last_name="Weber",
            role=Role.OWNER,
            permissions=[],
            status=MemberStatus.ACTIVE,
            locale=Locale.DE,
            created_at=now,
        )
        account = Account(
            id=new_id("acct"),
            number="1",
            type=AccountType.INDIVIDUAL,
            status=AccountStatus.ACTIVE,
            name="Müller",
            name_key="muller",
            search_text="muller",
            created_via=CreatedVia.MEMBER,
            created_at=now,
            updated_at=now,
        )
        folder = Folder(
            id=new_id("fold"),
            account_id=account.id,
            name="Belege",
            path="Belege",
            path_key="belege",
            access=FolderAccess.UPLOAD,
        )
        contact = Contact(
            id=new_id("cont"),
            name="Eva Müller",
            email="eva@kundin.example",
            email_key="eva@kundin.example",
            first_name_key="eva",
            last_name_key="muller",
            search_text="eva muller",
            created_at=now,
            updated_at=now,
        )
        entry = AccountContact(
            id=new_id("acon"),
            account_id=account.id,
            contact_id=contact.id,
            login=True,
            notify=True,
            sync=False,
            created_at=now,
        )
        invitation = Invitation(
            id=invitation_id,
            account_contact_id=entry.id,
            email="eva@kundin.example",
            email_key="eva@kundin.example",
            state=InvitationStatus.PENDING,
            counter=1,
            send_count=1,
            delivery=DeliveryStatus.QUEUED,
            sent_at=now,
            expires_at=now + timedelta(days=14),
        )
        session.add_all([owner, account, folder, contact, entry, invitation])
        await session.commit()
    return Invited(firm_id, invitation_id)


async def write_invitation(database: Database, invited: Invited, now: datetime) -> str:
    """Writes the invitation's mail to the outbox; its id."""
    async with firm_session(database, invited.firm_id) as session:
        mail = outbox.write(
            session,
            firm_id=invited.firm_id,
            template=Template.INVITATION,
            recipient="eva@kundin.example",
            locale=Locale.DE,
            content={
                "first_name": "Eva",
                "account_name": "Müller",
                "message": None,
                "valid_until": (now + timedelta(days=14)).isoformat(),
                "link": {
                    "purpose": "invitation",
                    "subject_id": invited.invitation_id,
                    "counter": 1,
                },
            },
            invitation_id=invited.invitation_id,
            now=now,
        )
        await session.commit()
        return mail.id


async def read_mail(database: Database, firm_id: str, mail_id: str) -> Mail | None:
    """The mail's row as it is now."""
    async with firm_session(database, firm_id) as session:
        return await session.get(Mail, (firm_id, mail_id))


async def read_invitation(database: Database, invited: Invited) -> Invitation:
    """The invitation's row as it is now."""
    async with firm_session(database, invited.firm_id) as session:
        return await session.get_one(Invitation, (invited.firm_id, invited.invitation_id))
