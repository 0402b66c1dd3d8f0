"""Rules between rows that the database itself holds, on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import Delete, Update, delete, insert, update
from sqlalchemy.exc import IntegrityError

from models import Account, AccountContact, Contact, Firm, Folder, Invitation, Member
from models.enums import FolderAccess, MemberStatus, Role
from tenancy.database import Database
from tests.database.conftest import KANZLEI, PRAXIS, inside, row_of

pytestmark = pytest.mark.anyio
on_postgresql = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)


@pytest.fixture
async def household(firms: Database) -> Database:
    """The kanzlei's account with a second contact (no address, no LOGIN), an upload folder, an owner."""
    async with inside(firms, KANZLEI) as connection:
        await connection.execute(update(Folder).values(access=FolderAccess.UPLOAD))
        await connection.execute(update(Member).values(status=MemberStatus.ACTIVE))
        await connection.execute(
            insert(Contact).values(
                row_of(Contact.__table__, KANZLEI)
                | {"id": "second", "email": None, "email_key": None, "external_reference": None}
            )
        )
        await connection.execute(
            insert(AccountContact).values(
                row_of(AccountContact.__table__, KANZLEI)
                | {"id": "second", "contact_id": "second", "login": False}
            )
        )
    return firms


async def write(database: Database, *statements: Any) -> None:
    async with inside(database, KANZLEI) as connection:
        for statement in statements:
            written = await connection.execute(statement.where(OF_KANZLEI[statement.table.name]))
            assert written.rowcount > 0


OF_KANZLEI = {
    table.__tablename__: table.firm_id == KANZLEI
    for table in (Account, AccountContact, Contact, Folder, Invitation, Member, Firm)
}


async def test_the_last_contact_of_an_account_stays(household: Database) -> None:
    await write(household, delete(AccountContact).where(AccountContact.id == "second"))
    with pytest.raises(IntegrityError, match="account_has_contact"):
        await write(household, delete(AccountContact))


async def test_all_contacts_at_once_cannot_leave_an_account(household: Database) -> None:
    with pytest.raises(IntegrityError, match="account_has_contact"):
        await write(household, delete(AccountContact))


@on_postgresql
async def test_an_account_without_a_contact_is_not_created(firms: Database) -> None:
    bare = row_of(Account.__table__, KANZLEI) | {
        "id": "bare",
        "number": "2",
        "external_reference": None,
    }
    with pytest.raises(IntegrityError, match="account_has_contact"):
        async with inside(firms, KANZLEI) as connection:
            await connection.execute(insert(Account).values(bare))


@pytest.mark.parametrize(
    "change",
    [delete(Folder), update(Folder).values(access=FolderAccess.VIEW)],
    ids=["deleted", "changed"],
)
async def test_the_last_upload_folder_of_an_account_stays(
    household: Database, change: Delete | Update
) -> None:
    with pytest.raises(IntegrityError, match="account_has_upload_folder"):
        await write(household, change)


@pytest.mark.parametrize(
    "change",
    [
        update(Member).values(role=Role.ADMIN),
        update(Member).values(status=MemberStatus.DEACTIVATED),
    ],
    ids=["demoted", "deactivated"],
)
async def test_the_last_owner_of_a_firm_stays(household: Database, change: Delete | Update) -> None:
    with pytest.raises(IntegrityError, match="firm_has_owner"):
        await write(household, change)


async def test_the_last_owner_is_not_deleted(household: Database) -> None:
    with pytest.raises(IntegrityError, match="firm_has_owner"):
        await write(household, update(Invitation).values(sent_by_id=None), delete(Member))


async def test_a_second_owner_lets_the_first_one_go(household: Database) -> None:
    second = row_of(Member.__table__, KANZLEI) | {
        "id": "second",
        "email_key": "second",
        "status": MemberStatus.ACTIVE,
    }
    async with inside(household, KANZLEI) as connection:
        await connection.execute(insert(Member).values(second))
    await write(household, update(Member).where(Member.id != "second").values(role=Role.ADMIN))


async def test_login_is_not_given_without_an_address(household: Database) -> None:
    second = AccountContact.id == "second"
    with pytest.raises(IntegrityError, match="login_needs_email"):
        await write(household, update(AccountContact).where(second).values(login=True))
    address = update(Contact).where(Contact.id == "second").values(email="a@b.example")
    await write(household, address, update(AccountContact).where(second).values(login=True))


async def test_an_address_is_not_taken_from_whoever_has_login(household: Database) -> None:
    change = update(Contact).where(Contact.id != "second").values(email=None)
    with pytest.raises(IntegrityError, match="login_needs_email"):
        await write(household, change)
    await write(household, update(AccountContact).values(login=False), change)


async def test_nobody_is_added_with_login_and_without_an_address(household: Database) -> None:
    entry = row_of(AccountContact.__table__, KANZLEI) | {"id": "third", "contact_id": "third"}
    person = row_of(Contact.__table__, KANZLEI) | {
        "id": "third",
        "email": None,
        "external_reference": None,
    }
    for rows in (
        [(AccountContact, entry), (Contact, person)],
        [(Contact, person), (AccountContact, entry)],
    ):
        with pytest.raises(IntegrityError, match="login_needs_email"):
            async with inside(household, KANZLEI) as connection:
                for table, row in rows:
                    await connection.execute(insert(table).values(row))


async def test_at_most_one_invitation_of_an_account_contact_is_alive(household: Database) -> None:
    again = row_of(Invitation.__table__, KANZLEI) | {"id": "again"}
    with pytest.raises(IntegrityError, match=r"uq_invitations_live|UNIQUE"):
        async with inside(household, KANZLEI) as connection:
            await connection.execute(insert(Invitation).values(again))


async def test_an_account_goes_with_its_contacts_and_folders(household: Database) -> None:
    await write(household, delete(Account))


async def test_a_firm_goes_with_its_last_owner_and_its_accounts(household: Database) -> None:
    await write(household, delete(Firm))


@on_postgresql
async def test_within_a_transaction_the_order_is_free(household: Database) -> None:
    entry = row_of(AccountContact.__table__, KANZLEI)
    async with inside(household, KANZLEI) as connection:
        await connection.execute(delete(AccountContact))
        await connection.execute(insert(AccountContact).values(entry))


@on_postgresql
@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        (
            delete(AccountContact).where(AccountContact.id == "second"),
            delete(AccountContact).where(AccountContact.id != "second"),
            "account_has_contact",
        ),
        (
            update(Contact).where(Contact.id == "second").values(email=None),
            update(AccountContact).where(AccountContact.id == "second").values(login=True),
            "login_needs_email",
        ),
    ],
    ids=["the last two contacts", "address and LOGIN"],
)
async def test_of_two_removals_at_once_one_is_refused(
    household: Database, first: Any, second: Any, name: str
) -> None:
    await write(household, update(Contact).values(email="a@b.example"))
    written = asyncio.Barrier(2)

    async def remove(statement: Any) -> None:
        async with inside(household, KANZLEI) as connection:
            assert (await connection.execute(statement)).rowcount == 1
            await written.wait()

    results = await asyncio.gather(remove(first), remove(second), return_exceptions=True)
    refused = [each for each in results if each is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], IntegrityError)
    assert name in str(refused[0])
    assert PRAXIS not in str(refused[0])
