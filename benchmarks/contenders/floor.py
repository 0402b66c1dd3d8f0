"""The floor: what the database and a bare server cost. The application is `floor_app.py`."""

from __future__ import annotations

from typing import Any

from benchmarks.cases import Case
from benchmarks.contenders.contender import Contender, Program, Request, uvicorn
from benchmarks.databases import Filled
from models.folding import like, words


class Floor(Contender):
    """A bare ASGI function, one hand-written statement, a connection that is not reset."""

    name = "Floor"

    def program(self, filled: Filled, port: int) -> Program:
        return Program(
            uvicorn("benchmarks.contenders.floor_app:application", port),
            {"BENCH_DATABASE_URL": filled.dsn if filled.kind == "postgresql" else str(filled.file)},
        )

    def request(self, case: Case, address: str) -> Request:
        operation, given = case.operation, []
        if operation == "page":
            given = list(case.after or ("", ""))
        if operation in ("small", "contact_accounts"):
            given = [case.id]
        if operation == "search":
            given = [like(word) for word, *_ in words(case.search)]
            operation = f"search {len(given)}"
        return Request.of(case.token, {"operation": operation, "given": given})

    def answer(self, operation: str, data: dict[str, Any]) -> Any:
        return data
