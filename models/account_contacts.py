"""Account contacts: a contact in an account. Access to the portal is this row and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Index, UniqueConstraint, case
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from models.base import Audited, Base, FirmOwned, Key, Timestamp, owned_by_firm, within_firm
from models.contact_addresses import ContactAddress
from models.contacts import Contact
from models.enums import AccountStatus, InvitationStatus, PortalStatus
from models.existence import there_is
from models.invitations import Invitation
from models.portal_users import PortalUser
from models.reach import OfAccount

if TYPE_CHECKING:
    from models.accounts import Account


class AccountContact(OfAccount, FirmOwned, Base):
    __tablename__ = "account_contacts"
    id_prefix = "acon"
    audit = Audited(
        noun="accountContact", fields=("account_id", "contact_id", "login", "notify", "sync")
    )

    account_id: Mapped[str] = mapped_column(Key)
    contact_id: Mapped[str] = mapped_column(Key)
    login: Mapped[bool]
    notify: Mapped[bool]
    sync: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Timestamp)

    account: Mapped[Account] = relationship(
        "Account", viewonly=True, lazy="raise", back_populates="contacts"
    )
    contact: Mapped[Contact] = relationship(
        Contact, viewonly=True, lazy="raise", back_populates="accounts"
    )
    invitations: Mapped[list[Invitation]] = relationship(Invitation, viewonly=True, lazy="raise")

    __table_args__ = (
        owned_by_firm(),
        within_firm("account_id", "accounts", ondelete="CASCADE"),
        within_firm("contact_id", "contacts"),
        UniqueConstraint("firm_id", "account_id", "contact_id"),
        # A page of an account's contacts, or of a contact's accounts, is read by these.
        Index("ix_account_contacts_account", "firm_id", "account_id", "id"),
        Index("ix_account_contacts_contact", "firm_id", "contact_id", "id"),
    )

    @hybrid_property
    def portal_status(self) -> Any:
        """How far portal access has come for this contact in this account."""
        return status_of_rank(portal_rank(self))


def status_of_rank(rank: ColumnElement[int]) -> ColumnElement[str]:
    """The portal status that stands at *rank* (see `portal_rank`)."""
    return case(
        {3: PortalStatus.ACTIVE, 2: PortalStatus.PENDING, 1: PortalStatus.NOT_INVITED},
        value=rank,
        else_=PortalStatus.OFF,
    )


def portal_rank(entry: Any) -> ColumnElement[int]:
    """How far access has come for the account contact *entry*, as a number that grows with it."""
    from models.accounts import Account

    account = aliased(Account)
    closed = there_is(
        account,
        where=(
            account.firm_id == entry.firm_id,
            account.id == entry.account_id,
            account.status == AccountStatus.ARCHIVED,
        ),
    )
    invitation = aliased(Invitation)
    invited = there_is(
        invitation,
        where=(
            invitation.firm_id == entry.firm_id,
            invitation.account_contact_id == entry.id,
            invitation.state == InvitationStatus.PENDING,
        ),
    )
    address, user = aliased(ContactAddress), aliased(PortalUser)
    activated = there_is(address, user, where=has_password(entry, address, user))
    return case(
        (entry.login.is_(False) | closed, 0),
        (activated, 3),
        (invited, 2),
        else_=1,
    )


def has_password(entry: Any, address: Any, user: Any) -> tuple[ColumnElement[bool], ...]:
    """That *user*, at *address*, is whom the account contact *entry* is for, and has a password."""
    return (
        address.firm_id == entry.firm_id,
        address.contact_id == entry.contact_id,
        user.firm_id == address.firm_id,
        user.email_key == address.email_key,
        user.password_hash.is_not(None),
    )
