"""How a field says where its value comes from: declared once, beside its type.

`value`, `composite`, `related` and `page` make fields that the planner reads; `root` is
a root field that reads rows, `mutation` one that runs a use case, and `subscription` one that
reads a row for each event.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, TypeVar

import strawberry

from auth.permissions import Audience, audience_of
from planner.declare import ById, Composite, Related, Shape, Spec, Value

SPEC = "spec"
AUDIENCE = "audience"
USE_CASE = "use_case"
ROWS = "__rows__"

T = TypeVar("T", bound=type)
F = TypeVar("F", bound=Callable[..., Any])

First = Annotated[
    int | None,
    strawberry.argument(description="How many from the start: 50 when left out, 200 at most."),
]
After = Annotated[str | None, strawberry.argument(description="Only what follows this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="How many from the end, 200 at most.")]
Before = Annotated[
    str | None, strawberry.argument(description="Only what comes before this cursor.")
]


def rows(table: type) -> Callable[[T], T]:
    """Declares that a type's objects are rows of *table*."""

    def declare(kind: T) -> T:
        setattr(kind, ROWS, table)
        return kind

    return declare


def planned(description: str, spec: Spec | None) -> Any:
    """A field that *spec* tells how to read; without one, by the column of its own name."""
    return strawberry.field(description=description, metadata={SPEC: spec})


def value(description: str, attribute: str | Callable[[Any], Any] | None = None) -> Any:
    """A column or a computed attribute; named like the field unless *attribute* says otherwise."""
    return planned(description, None if attribute is None else Value(attribute))


def composite(description: str, attribute: str) -> Any:
    """An object that is kept as JSON in the column *attribute*."""
    return planned(description, Composite(attribute))


def page(kind: Any, description: str, spec: Related) -> Any:
    """A nested connection of *kind*, with the paging arguments."""
    assert spec.shape is Shape.PAGED

    def resolve(
        self: Any,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        raise AssertionError("the planner reads a connection with what it hangs on")

    return strawberry.field(
        resolver=resolve, graphql_type=kind, description=description, metadata={SPEC: spec}
    )


def root(audience: Audience, spec: Spec | None = None) -> Callable[[Callable[..., Any]], Any]:
    """A root field for *audience*; *spec* says which rows it reads.

    Its docstring is its description, and its body one line: `return await read(info)`.
    """

    def declare(resolver: Callable[..., Awaitable[Any]]) -> Any:
        return strawberry.field(
            resolver=resolver,
            description=_description(resolver),
            metadata={AUDIENCE: audience, SPEC: spec},
        )

    return declare


def subscription(audience: Audience) -> Callable[[Callable[..., Any]], Any]:
    """A subscription's root field for *audience*.

    Its docstring is its description, and its body goes over `follow(info, …)`.
    """

    def declare(resolver: Callable[..., AsyncIterator[Any]]) -> Any:
        return strawberry.subscription(
            resolver=resolver,
            description=_description(resolver),
            metadata={AUDIENCE: audience, SPEC: ById()},
        )

    return declare


def mutation(use_case: Callable[..., Awaitable[Any]]) -> Callable[[Callable[..., Any]], Any]:
    """A mutation that runs *use_case*, whose audience is the field's.

    Its docstring is its description, and its body one line: `return await write(info, …)`.
    Raises LookupError where the use case does not say who may call it.
    """
    audience = audience_of(use_case)

    def declare(resolver: Callable[..., Awaitable[Any]]) -> Any:
        field = strawberry.mutation(
            resolver=resolver,
            description=_description(resolver),
            metadata={AUDIENCE: audience, USE_CASE: use_case},
        )
        for argument in field.arguments:
            if argument.python_name == "input":
                argument.description = "What it is done with; each field tells what it is for."
        return field

    return declare


def _description(resolver: Callable[..., Any]) -> str:
    assert resolver.__doc__, f"{resolver.__name__} needs a description"
    return " ".join(resolver.__doc__.split())


def optional(description: str) -> Any:
    """An input's field that may be left out; then it does not reach the use case at all."""
    return strawberry.field(default=strawberry.UNSET, description=description)


def given(description: str, default: Any) -> Any:
    """An input's field with a default that the schema tells."""
    return strawberry.field(default=default, description=description)


def duplicates_field() -> Any:
    """The contacts that a mutation's new contacts may be again."""
    return strawberry.field(
        default_factory=list,
        description="Contacts of the firm who may be the same person as one that was made: with "
        "the same e-mail address, or the same name and telephone number, and nothing that "
        "differs. None where no contact was made.",
    )


def errors_field() -> Any:
    """The field that every payload ends with."""
    return strawberry.field(
        default_factory=list,
        description="What the caller can mend, all of it at once; nothing was written then.",
    )


def plain(given: Any) -> Any:
    """An input as plain values: objects become dictionaries without what was left out."""
    if dataclasses.is_dataclass(given):
        return {
            field.name: plain(item)
            for field in dataclasses.fields(given)
            if (item := getattr(given, field.name)) is not strawberry.UNSET
        }
    if isinstance(given, list):
        return [plain(item) for item in given]
    return given
