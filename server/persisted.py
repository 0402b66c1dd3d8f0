"""Documents that are asked for by a name instead of their text.

Two ways, which share the name and nothing else. *Persisted queries* save bytes: a client that
sent a document with its hash once may send the hash alone (Apollo's automatic persisted
queries). *Trusted documents* are a wall: the operator names a file of all documents that the
deployment's own clients send, and nothing else is answered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from graphql import GraphQLError

from server.graphql_documents import DocumentRefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from server.graphql_request import Parameters

NOT_FOUND: Final = "PersistedQueryNotFound"
"""The message by which Apollo's and urql's clients know that they have to send the text."""


class BadDocuments(ValueError):
    """A file of trusted documents that cannot be used; the text says why."""


class PersistedQueries:
    """Remembers documents by their hash, so many and so many characters, the latest used."""

    def __init__(self, *, remembered: int = 1_000, remembered_characters: int = 1_000_000) -> None:
        self._remembered = remembered
        self._remembered_characters = remembered_characters
        self._characters = 0
        self._texts: dict[str, str] = {}

    def text(self, parameters: Parameters) -> str:
        """The document that is asked for. Raises DocumentRefusedError."""
        text, name = parameters.query, parameters.document_id
        if name is None:
            return text or ""
        if text is None:
            text = self._texts.pop(name, None)
            if text is None:
                raise _refusal(NOT_FOUND, "PERSISTED_QUERY_NOT_FOUND")
            self._texts[name] = text
        elif name not in self._texts and hashlib.sha256(text.encode()).hexdigest() != name:
            raise _refusal("The hash is not the SHA-256 of the query.", "BAD_REQUEST")
        return text

    def keep(self, parameters: Parameters) -> None:
        """Remembers a document that was sent with its hash, and turned out to be valid."""
        text, name = parameters.query, parameters.document_id
        if text is None or name is None or name in self._texts:
            return
        self._texts[name] = text
        self._characters += len(text)
        while len(self._texts) > self._remembered or self._characters > self._remembered_characters:
            oldest = next(iter(self._texts))
            self._characters -= len(self._texts.pop(oldest))


class TrustedDocuments:
    """Answers for *documents*, each by its name or word for word, and for no other."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self.documents = documents
        self._known = frozenset(documents.values())

    def text(self, parameters: Parameters) -> str:
        """The document that is asked for. Raises DocumentRefusedError."""
        text = parameters.query
        if text is None:
            text = self.documents.get(parameters.document_id or "")
        if text not in self._known:
            raise _refusal("This deployment answers for trusted documents alone.", "FORBIDDEN")
        return text

    def keep(self, parameters: Parameters) -> None:
        """There is nothing to add to them."""


def _refusal(message: str, code: str) -> DocumentRefusedError:
    return DocumentRefusedError([GraphQLError(message, extensions={"code": code})])


def read_trusted(path: Path) -> dict[str, str]:
    """The documents of a JSON file, by their names.

    Either an object of names and texts, as GraphQL Code Generator's client preset and Relay's
    compiler write it, or the manifest of Apollo's generator. Raises BadDocuments, and OSError.
    """
    try:
        found: Any = orjson.loads(path.read_bytes())
    except ValueError:
        raise BadDocuments(f"{path} is no JSON.") from None
    if isinstance(found, dict) and isinstance(found.get("operations"), list):
        found = {
            each.get("id"): each.get("body")
            for each in cast("list[Any]", found["operations"])
            if isinstance(each, dict)
        }
    if not isinstance(found, dict) or not found:
        raise BadDocuments(f"{path} holds no documents: an object of names and texts is wanted.")
    documents = cast("dict[Any, Any]", found)
    for name, text in documents.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise BadDocuments(f"{path}: the document {str(name)[:100]!r} is no text.")
    return cast("dict[str, str]", documents)
