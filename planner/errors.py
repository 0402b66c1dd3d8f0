"""What the planner refuses."""

from __future__ import annotations


class BadArgument(ValueError):
    """An argument's value that no client may send.

    *message* is a sentence for the developer who wrote the query, *argument* the
    argument's name in the schema.
    """

    def __init__(self, message: str, argument: str) -> None:
        super().__init__(message)
        self.message = message
        self.argument = argument


class Undeclared(TypeError):
    """A field or type was asked for that says nothing of where its data lies."""

    def __init__(self, type_name: str, field_name: str) -> None:
        super().__init__(f"{type_name}.{field_name} has no declaration to plan it by")
