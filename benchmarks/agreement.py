"""That everybody answers the same: figures of different answers compare nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
import orjson

from benchmarks.cases import Case
from benchmarks.contenders.contender import Request
from benchmarks.servers import Server


class Disagreement(RuntimeError):
    """Two contenders answered the same question differently, or one not at all."""


def check(servers: Sequence[Server], asked: Mapping[str, Sequence[Case]], *, each: int) -> int:
    """Asks every server the first *each* cases of every operation; returns how many were asked.

    Raises Disagreement where not all of them say the same, or where one finds nothing.
    """
    count = 0
    with httpx2.Client(timeout=60) as http:
        for operation, cases in asked.items():
            for case in cases[:each]:
                answers = {server.name: _ask(http, server, case) for server in servers}
                first, *others = answers.items()
                for name, answer in others:
                    if answer != first[1]:
                        raise Disagreement(
                            f"{operation} {case}\n{first[0]}: {_text(first[1])}\n"
                            f"{name}: {_text(answer)}"
                        )
                count += 1
    return count


def post(http: httpx2.Client, address: str, request: Request) -> dict[str, Any]:
    """The answer's `data`. Raises Disagreement for anything else."""
    headers = {"content-type": "application/json"}
    if request.token:
        headers["authorization"] = f"Bearer {request.token}"
    response = http.post(f"{address}/graphql", content=request.body, headers=headers)
    body = response.json() if response.status_code == httpx2.codes.OK else {}
    if not body.get("data") or body.get("errors"):
        raise Disagreement(f"{request.body.decode()}\n{response.status_code}: {response.text}")
    return body["data"]


def _ask(http: httpx2.Client, server: Server, case: Case) -> Any:
    data = post(http, server.address, server.contender.request(case, server.address))
    answer = server.contender.answer(case.operation, data)
    if not answer:
        raise Disagreement(f"{server.name} finds nothing for {case}")
    if case.operation == "page":
        # The one order that PostGraphile is not asked for.
        for account in answer:
            account["tags"].sort(key=lambda tag: tag["name"])
    return answer


def _text(answer: Any) -> str:
    return orjson.dumps(answer, option=orjson.OPT_SORT_KEYS).decode()[:2000]
