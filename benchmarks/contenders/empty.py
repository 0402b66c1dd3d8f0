"""An empty page by Starlette, for every address: what a page costs that says nothing."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import HTMLResponse
from starlette.routing import Route

from benchmarks.cases import Case
from benchmarks.contenders.contender import Contender, Program, Request, uvicorn
from benchmarks.databases import Filled


async def _page(_: Asked) -> HTMLResponse:
    return HTMLResponse("")


application = Starlette(routes=[Route("/{path:path}", _page)])


class Empty(Contender):
    """Starlette under uvicorn, as its documentation begins. It answers no operation."""

    name = "Empty page"

    def program(self, filled: Filled, port: int) -> Program:
        return Program(uvicorn("benchmarks.contenders.empty:application", port))

    def request(self, case: Case, address: str) -> Request:
        raise NotImplementedError

    def answer(self, operation: str, data: dict[str, Any]) -> Any:
        raise NotImplementedError
