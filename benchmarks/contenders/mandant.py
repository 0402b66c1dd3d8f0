"""Mandant, as a user starts it."""

from __future__ import annotations

from typing import Any

from benchmarks.cases import FOUND, PAGE, Case
from benchmarks.contenders.contender import Contender, Program, Request, graphql, one_line
from benchmarks.databases import Filled
from benchmarks.places import MANDANT, var
from planner.cursors import SEPARATOR

SECRET = "a-key-for-benchmarks-that-is-long-enough"
"""What it signs links with."""

_DOCUMENTS = {
    "page": """
        query Page($first: Int, $after: String) {
          accounts(first: $first, after: $after) {
            nodes {
              number name type
              contacts { nodes { login contact { id name email } } }
              tags { name color }
            }
          }
        }
    """,
    "small": "query Small($id: ID!) { account(id: $id) { number name } }",
    "contact_accounts": """
        query ContactAccounts($id: ID!) {
          contact(id: $id) { name accounts { nodes { login account { id number name } } } }
        }
    """,
    "pending": """
        query Pending($first: Int) {
          accounts(first: $first, filter: {portalStatus: [PENDING]}) {
            totalCount nodes { id number name }
          }
        }
    """,
    "search": """
        query Search($first: Int, $search: String) {
          accounts(first: $first, filter: {search: $search}) { nodes { id number name } }
        }
    """,
    "viewer": """
        query Viewer {
          viewer { ... on PortalUser { email firstName accounts { id name type } } }
        }
    """,
}


class Mandant(Contender):
    """`mandant serve` with one process and its mail worker, row-level security on."""

    name = "Mandant"

    def program(self, filled: Filled, port: int) -> Program:
        mails = var("mail", f"{filled.kind}-{filled.dataset}")
        return Program(
            [str(MANDANT), "serve", "--port", str(port)],
            {
                "MANDANT_DATABASE_URL": filled.url,
                "MANDANT_SECRET_KEYS": SECRET,
                "MANDANT_MAIL_URL": f"file://{mails}",
            },
            keeps_log=False,
        )

    def request(self, case: Case, address: str) -> Request:
        variables: dict[str, Any] = {}
        if case.operation in ("page", "pending"):
            variables["first"] = PAGE
        if case.operation == "search":
            variables = {"first": FOUND, "search": case.search}
        if case.operation in ("small", "contact_accounts"):
            variables["id"] = case.id
        if case.after is not None:
            variables["after"] = SEPARATOR.join(("NAME", *case.after)).encode().hex()
        return graphql(case, one_line(_DOCUMENTS[case.operation]), variables)

    def answer(self, operation: str, data: dict[str, Any]) -> Any:
        match operation:
            case "page":
                return [
                    {
                        **account,
                        "contacts": [
                            {"login": entry["login"], **entry["contact"]}
                            for entry in account["contacts"]["nodes"]
                        ],
                    }
                    for account in data["accounts"]["nodes"]
                ]
            case "contact_accounts":
                contact = data["contact"]
                return {**contact, "accounts": contact["accounts"]["nodes"]}
            case "pending":
                return {"total": data["accounts"]["totalCount"], **_nodes(data)}
            case "search":
                return _nodes(data)
            case _:
                return next(iter(data.values()))


def _nodes(data: dict[str, Any]) -> dict[str, Any]:
    return {"accounts": data["accounts"]["nodes"]}
