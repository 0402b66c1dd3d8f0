"""What every contender says of itself."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson

from benchmarks.cases import Case
from benchmarks.databases import KINDS, Filled, Kind
from benchmarks.places import ROOT


@dataclass(frozen=True)
class Program:
    """A process to be started; *environment* is added to ours."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    keeps_log: bool = True
    """Whether what it writes is kept; an access log of every request is not."""


@dataclass(frozen=True)
class Request:
    """What is posted to /graphql, and with whose token."""

    token: str
    body: bytes

    @classmethod
    def of(cls, token: str, asked: Mapping[str, Any]) -> Request:
        """With *asked* as JSON; an empty token is nobody's."""
        return cls(token, orjson.dumps(asked))

    @property
    def line(self) -> bytes:
        """As `load.lua` reads it."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return line("POST", "/graphql", headers, self.body)


def line(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A request as `load.lua` reads it."""
    named = "".join(f"{name}: {value}\t" for name, value in headers.items())
    return f"{method}\t{path}\t{named}".encode() + body + b"\n"


class Contender(ABC):
    """One way to answer the same questions from the same rows."""

    name: ClassVar[str]
    kinds: ClassVar[tuple[Kind, ...]] = KINDS

    def prepare(self) -> None:  # noqa: B027 - most need nothing
        """Installs what it needs, where that is not there."""

    @abstractmethod
    def program(self, filled: Filled, port: int) -> Program:
        """The server, on 127.0.0.1."""

    @abstractmethod
    def request(self, case: Case, address: str) -> Request:
        """The request for *case*; the server at *address* may be asked for what that takes."""

    @abstractmethod
    def answer(self, operation: str, data: dict[str, Any]) -> Any:
        """The answer's `data` in the form that all contenders' answers are compared in."""


def graphql(case: Case, document: str, variables: Mapping[str, Any]) -> Request:
    """A GraphQL request."""
    return Request.of(case.token, {"query": document, "variables": variables})


def one_line(document: str) -> str:
    """*document* without its line breaks: what is sent has the same length for everybody."""
    return " ".join(document.split())


def uvicorn(application: str, port: int) -> list[str]:
    """The command for an ASGI application, as `mandant serve` runs Mandant's."""
    return [
        sys.executable,
        *("-m", "uvicorn", application, "--app-dir", str(ROOT), "--port", str(port)),
        *("--loop", "uvloop", "--http", "httptools", "--ws", "none", "--lifespan", "on"),
        *("--no-access-log", "--log-level", "warning", "--no-server-header"),
        *("--no-proxy-headers", "--backlog", "512"),
    ]
