"""Strawberry as its documentation shows it: the application is `strawberry_app.py`."""

from __future__ import annotations

from typing import Any

from benchmarks.cases import FOUND, PAGE, Case
from benchmarks.contenders.contender import (
    Contender,
    Program,
    Request,
    graphql,
    one_line,
    uvicorn,
)
from benchmarks.databases import Filled

_DOCUMENTS = {
    "page": """
        query Page($first: Int!, $after: String) {
          accounts(first: $first, after: $after) {
            number name type
            contacts { login contact { id name email } }
            tags { name color }
          }
        }
    """,
    "small": "query Small($id: ID!) { account(id: $id) { number name } }",
    "contact_accounts": """
        query ContactAccounts($id: ID!) {
          contact(id: $id) { name accounts { login account { id number name } } }
        }
    """,
    "pending": """
        query Pending($first: Int!) {
          pendingAccounts(first: $first) { totalCount nodes { id number name } }
        }
    """,
    "search": """
        query Search($first: Int!, $search: String!) {
          searchAccounts(first: $first, search: $search) { id number name }
        }
    """,
    "viewer": "query Viewer { viewer { email firstName accounts { id name type } } }",
}


class Strawberry(Contender):
    """Strawberry, SQLAlchemy's async session, DataLoaders; its own ASGI view; one process."""

    name = "Strawberry"

    def program(self, filled: Filled, port: int) -> Program:
        return Program(
            uvicorn("benchmarks.contenders.strawberry_app:application", port),
            {"BENCH_DATABASE_URL": filled.url},
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
            variables["after"] = "\x1f".join(case.after)
        return graphql(case, one_line(_DOCUMENTS[case.operation]), variables)

    def answer(self, operation: str, data: dict[str, Any]) -> Any:
        match operation:
            case "page":
                return [
                    {
                        **account,
                        "contacts": [
                            {"login": entry["login"], **entry["contact"]}
                            for entry in account["contacts"]
                        ],
                    }
                    for account in data["accounts"]
                ]
            case "pending":
                found = data["pendingAccounts"]
                return {"total": found["totalCount"], "accounts": found["nodes"]}
            case "search":
                return {"accounts": data["searchAccounts"]}
            case _:
                return next(iter(data.values()))
