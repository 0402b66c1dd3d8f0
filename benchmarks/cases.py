"""What is asked: for each operation some hundred cases, the same for every contender."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from benchmarks.rows import Dataset, FirmRows, firm_rows
from models.folding import fold

OPERATIONS = {
    "page": "50 accounts by name, with contacts and tags",
    "small": "one account by its id, two fields",
    "contact_accounts": "a contact with its accounts",
    "pending": "50 accounts that wait to be activated, and how many there are",
    "search": "the first 20 accounts that a search finds",
    "viewer": "a client of the portal, with the accounts that are open to them",
}
PAGE = 50
FOUND = 20
"""How many accounts a search asks for."""

_FIRMS, _SMALL_FIRMS = 20, 100
_EACH = 16
"""Cases of an operation in each firm; fewer in many small firms."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One thing that is asked, in nobody's language.

    Of the fields only those that the operation needs are filled: *after* is the key of the last
    account of the page before (its folded name and its id), *place* how many accounts stand
    before the page.
    """

    operation: str
    firm_id: str
    token: str
    id: str = ""
    search: str = ""
    place: int = 0
    after: tuple[str, str] | None = None


@cache
def cases(dataset: Dataset) -> dict[str, list[Case]]:
    """The cases of every operation, from firms all over the database, in no order."""
    many = _FIRMS if dataset.accounts >= 1000 else _SMALL_FIRMS
    count = min(dataset.firms, many)
    each = _EACH if count <= _FIRMS else 4
    found: dict[str, list[Case]] = defaultdict(list)
    for number in range(count):
        firm = firm_rows(dataset, number * dataset.firms // count)
        for case in _of_firm(firm, each, random.Random(firm.id)):  # noqa: S311 - no secret
            found[case.operation].append(case)
    for operation in OPERATIONS:
        random.Random(str(dataset)).shuffle(found[operation])  # noqa: S311 - no secret
    return found


def _of_firm(firm: FirmRows, each: int, pick: random.Random) -> list[Case]:
    def case(operation: str, **given: object) -> Case:
        return Case(**{"operation": operation, "firm_id": firm.id, "token": firm.token, **given})

    accounts = firm.column("accounts", "id")
    by_name = sorted(zip(firm.column("accounts", "name_key"), accounts, strict=True))
    starts = range(0, len(by_name) - PAGE + 1, PAGE)
    contacts = dict(
        zip(firm.column("contacts", "email"), firm.column("contacts", "id"), strict=True)
    )
    clients = [contacts[email] for email in firm.column("portal_users", "email")]
    names = [str(name) for name in firm.column("contacts", "name")]
    made = [case("pending")]
    made += [
        case("page", place=start, after=by_name[start - 1] if start else None)
        for start in pick.sample(starts, min(each, len(starts)))
    ]
    made += [case("small", id=id) for id in pick.sample(accounts, each)]
    asked = [
        *pick.sample(clients, min(each // 2, len(clients))),
        *pick.sample(list(contacts.values()), each // 2),
    ]
    made += [case("contact_accounts", id=id) for id in asked]
    for number, name in enumerate(pick.sample(names, each)):
        # By turns a family name, which many have, and a whole one.
        made.append(case("search", search=fold(name.split()[-1] if number % 2 else name)))
    made += [case("viewer", token=token, id=user) for token, user in firm.clients[:each]]
    return made
