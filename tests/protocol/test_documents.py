"""Documents are parsed and validated once, and what is remembered of them is bounded."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from graphql import build_schema

from server.graphql_documents import DocumentRefusedError, Documents
from server.limits import Limits

SCHEMA = build_schema("type Query { a: Int list: [Item] } type Item { b: Int }")


def test_a_document_is_prepared_once_for_its_text() -> None:
    documents = Documents(SCHEMA)
    assert documents.prepare("{ a }") is documents.prepare("{ a }")
    assert documents.prepare("{ a }") is not documents.prepare("{a}")


def test_the_least_recently_used_documents_are_forgotten() -> None:
    documents = Documents(SCHEMA, remembered=2)
    first, second = documents.prepare("{ a }"), documents.prepare("{ b: a }")
    assert documents.prepare("{ a }") is first
    documents.prepare("{ c: a }")
    assert documents.prepare("{ a }") is first
    assert documents.prepare("{ b: a }") is not second


def test_what_is_remembered_is_bounded_in_characters() -> None:
    documents = Documents(SCHEMA, remembered_characters=30)
    first = documents.prepare("{ a }")
    documents.prepare("{ a }" + " " * 20)
    assert documents.prepare("{ a }") is first
    large = documents.prepare("{ a }" + " " * 40)
    assert documents.prepare("{ a }" + " " * 40) is not large
    assert documents.prepare("{ a }") is not first


def test_a_refused_document_is_refused_again_and_pushes_nothing_out() -> None:
    documents = Documents(SCHEMA, remembered=1)
    kept = documents.prepare("{ a }")
    for text in ("{", "{ b }", "", "type A { a: Int }", "fragment F on Query { a }"):
        for _ in range(2):
            with pytest.raises(DocumentRefusedError):
                documents.prepare(text)
    assert documents.prepare("{ a }") is kept


def test_documents_that_are_refused_leave_nothing_behind() -> None:
    documents = Documents(SCHEMA, limits=Limits(objects=99))

    def refuse(times: int) -> None:
        for number in range(times):
            for text in (
                # No document, not valid (more than is told: validation is cut short), too large.
                "{ a" + "{" * number,
                "{ %s }" % " ".join(f"x{number}y{n}" for n in range(50)),
                "{ a(x: %d) @no { b } ...Gone }" % number,
                "{ %s }" % " ".join(f"z{number}n{n}: a" for n in range(250)),
                "{ list { x%d: b } }" % number,
            ):
                with pytest.raises(DocumentRefusedError):
                    documents.prepare(text)

    tracemalloc.start()
    try:
        refuse(10)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        refuse(40)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    # That is 250 bytes each; one that is kept takes thousands.
    assert grown < 50_000
