"""Many accounts at once, past the use cases."""

from __future__ import annotations

from dataclasses import dataclass

from models.ids import new_id
from tenancy.session import firm_session
from tests.deployments import Firm
from tests.planner.conftest import account, contact, entry


@dataclass
class Crowd:
    """The ids of accounts, of the one contact in each, and of the account contacts."""

    accounts: list[str]
    contacts: list[str]
    entries: list[str]


async def many_accounts(firm: Firm, count: int, *, login: bool = False) -> Crowd:
    """So many accounts, each with a contact who has an address, and without any folder."""
    firm_id = (await firm.owner.ask("{ firm { id } }")).data["firm"]["id"]
    accounts = [account(f"{number}", id=new_id("acct")) for number in range(count)]
    addresses = [f"kim{number}@crowd.test" for number in range(count)]
    people = [
        contact("Kim", id=new_id("cont"), email=address, email_key=address) for address in addresses
    ]
    entries = [
        entry(one, person, id=new_id("acon"), login=login)
        for one, person in zip(accounts, people, strict=True)
    ]
    async with firm_session(firm.deployed.deployment.database, firm_id) as session:
        session.add_all([*accounts, *people, *entries])
        await session.commit()
    return Crowd(*([row.id for row in rows] for rows in (accounts, people, entries)))
