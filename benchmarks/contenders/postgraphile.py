"""PostGraphile 5: what one would have without writing a backend at all. See `postgraphile/`.

It is given its best case: no session is looked up and no row-level security holds, the request
says the firm.
"""

from __future__ import annotations

import subprocess
from typing import Any

import httpx2

from benchmarks.cases import FOUND, PAGE, Case
from benchmarks.contenders.contender import Contender, Program, Request, graphql, one_line
from benchmarks.databases import Filled
from benchmarks.places import POSTGRAPHILE, needed
from models.folding import like, words

_DOCUMENTS = {
    "page": """
        query Page($firm: String!, $first: Int, $after: Cursor) {
          accounts(
            condition: {firmId: $firm, status: "ACTIVE"}
            orderBy: [NAME_KEY_ASC], first: $first, after: $after
          ) {
            nodes {
              number name type
              contacts: accountContactsByFirmIdAndAccountIdList {
                login contact: firmContact { id: rowId name email }
              }
              tags: accountTagsByFirmIdAndAccountIdList { tag: firmTag { name color } }
            }
          }
        }
    """,
    "small": """
        query Small($firm: String!, $id: String!) {
          account(firmId: $firm, rowId: $id) { number name }
        }
    """,
    "contact_accounts": """
        query ContactAccounts($firm: String!, $id: String!) {
          contact(firmId: $firm, rowId: $id) {
            name
            accounts: accountContactsByFirmIdAndContactIdList {
              login account: firmAccount { id: rowId number name }
            }
          }
        }
    """,
    "pending": """
        query Pending($firm: String!, $first: Int) {
          accounts: postgraphilePendingAccounts(firm: $firm, first: $first) {
            totalCount nodes { id: rowId number name }
          }
        }
    """,
    "search": """
        query Search($firm: String!, $first: Int, $filter: AccountFilter!) {
          accounts: accountsList(
            condition: {firmId: $firm, status: "ACTIVE"}
            filter: $filter, orderBy: [NAME_KEY_ASC], first: $first
          ) { id: rowId number name }
        }
    """,
    "viewer": """
        query Viewer($firm: String!, $id: String!) {
          portalUser(firmId: $firm, rowId: $id) {
            email firstName accounts: openAccountsList { id: rowId name type }
          }
        }
    """,
}
_CURSOR = """
    query Before($firm: String!, $offset: Int) {
      accounts(
        condition: {firmId: $firm, status: "ACTIVE"}
        orderBy: [NAME_KEY_ASC], first: 1, offset: $offset
      ) { edges { cursor } }
    }
"""


class PostGraphile(Contender):
    """One process of Node 22, which npm brings as well."""

    name = "PostGraphile"
    kinds = ("postgresql",)

    def prepare(self) -> None:
        installed = POSTGRAPHILE / "node_modules" / ".package-lock.json"
        asked = POSTGRAPHILE / "package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < asked.stat().st_mtime:
            command = [needed("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=POSTGRAPHILE, check=True)

    def program(self, filled: Filled, port: int) -> Program:
        return Program(
            [str(POSTGRAPHILE / "node_modules/.bin/node"), str(POSTGRAPHILE / "server.mjs")],
            {"DATABASE_URL": filled.dsn, "PORT": str(port), "NODE_ENV": "production"},
        )

    def request(self, case: Case, address: str) -> Request:
        variables: dict[str, Any] = {"firm": case.firm_id}
        if case.operation in ("page", "pending"):
            variables["first"] = PAGE
        if case.operation == "search":
            variables |= {"first": FOUND, "filter": _filter(case.search)}
        if case.operation in ("small", "contact_accounts", "viewer"):
            variables["id"] = case.id
        if case.place:
            variables["after"] = _cursor(case, address)
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
                        "tags": [tagging["tag"] for tagging in account["tags"]],
                    }
                    for account in data["accounts"]["nodes"]
                ]
            case "pending":
                found = data["accounts"]
                return {"total": found["totalCount"], "accounts": found["nodes"]}
            case "search":
                return {"accounts": data["accounts"]}
            case _:
                return next(iter(data.values()))


def _filter(search: str) -> dict[str, Any]:
    """Each word in the account, or in one of its contacts: with the filter plugin's relations."""
    texts = ({"searchText": {"like": like(word)}} for word, *_ in words(search))
    contact = "accountContactsByFirmIdAndAccountId"
    return {"and": [{"or": [text, {contact: {"some": {"firmContact": text}}}]} for text in texts]}


def _cursor(case: Case, address: str) -> str:
    """The cursor of the account before the page."""
    variables = {"firm": case.firm_id, "offset": case.place - 1}
    asked = {"query": _CURSOR, "variables": variables}
    answer = httpx2.post(f"{address}/graphql", json=asked).raise_for_status().json()
    return answer["data"]["accounts"]["edges"][0]["cursor"]
