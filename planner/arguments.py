"""The arguments of a field, and a record of what planning looked at in them.

A plan may be used again for other values as long as every look at them would have had the
same outcome; values that were only bound may change freely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from graphql import VariableNode
from graphql.execution.values import VariableValues, get_argument_values
from sqlalchemy import BindParameter, ColumnElement, Text, bindparam

from tenancy.storable import storable

if TYPE_CHECKING:
    from graphql import ArgumentNode, FieldNode, GraphQLField, Node
    from sqlalchemy.orm import QueryableAttribute
    from sqlalchemy.types import TypeEngine

    from planner.databases import Forms


class Source(Protocol):
    """Where the values of arguments come from; *constant* if they are alike in every run."""

    @property
    def constant(self) -> bool: ...

    def read(self, run: Run) -> Mapping[str, Any]: ...


class FieldArguments:
    """The arguments written at a field, with the variables in them."""

    def __init__(self, definition: GraphQLField, node: FieldNode) -> None:
        self._definition = definition
        self._node = node
        arguments = node.arguments or ()
        self.constant = next(variables_in(arguments), None) is None
        self._variables = [
            (
                definition.args[argument.name.value].out_name or argument.name.value,
                argument.value.name.value,
            )
            for argument in arguments
            if isinstance(argument.value, VariableNode)
        ]
        # A variable inside of a list or an object has to be put in its place in each run.
        self._simple = len(self._variables) == len(list(variables_in(arguments)))
        self._others: dict[str, Any] | None = None

    def read(self, run: Run) -> Mapping[str, Any]:
        """The values of one run, coerced, with the defaults of what is left out."""
        given = run.variables.coerced
        if self._others is not None:
            values = dict(self._others)
            for name, variable in self._variables:
                # An absent one may have a default here, and null may not be allowed.
                if (value := given.get(variable)) is None:
                    break
                values[name] = value
            else:
                return values
        values = get_argument_values(self._definition, self._node, run.variables)
        if self._simple:
            varying = {name for name, _ in self._variables}
            self._others = {name: values[name] for name in values if name not in varying}
        return values


@dataclass(frozen=True, eq=False)
class GivenArguments:
    """Values that the caller of the planner hands over with each run."""

    constant: bool = False

    def read(self, run: Run) -> Mapping[str, Any]:
        return run.given


@dataclass(frozen=True, eq=False)
class OperationVariables:
    """The operation's variables themselves, for `@include` and `@skip`."""

    constant: bool = False

    def read(self, run: Run) -> Mapping[str, Any]:
        return run.variables.coerced


@dataclass
class Run:
    """The values of one run; each source is read once."""

    variables: VariableValues
    given: Mapping[str, Any]
    _read: dict[Source, Mapping[str, Any]] = field(
        default_factory=dict["Source", "Mapping[str, Any]"]
    )

    def values(self, source: Source) -> Mapping[str, Any]:
        values = self._read.get(source)
        if values is None:
            values = self._read[source] = source.read(self)
        return values


@dataclass(frozen=True)
class Look:
    """One look at a value: where it lies, and what is made of it."""

    source: Source
    path: tuple[str | int, ...]
    reading: Callable[[Any], Any]

    def at(self, run: Run) -> Any:
        value: Any = run.values(self.source)
        for step in self.path:
            if value is not None:
                value = value[step] if isinstance(step, int) else value.get(step)
        return self.reading(value)


@dataclass
class Ledger:
    """What planning looked at (*probes*, with the outcome) and bound (*slots*, by name)."""

    run: Run
    forms: Forms
    probes: list[tuple[Look, Any]] = field(default_factory=list[tuple[Look, Any]])
    slots: dict[str, Look] = field(default_factory=dict[str, Look])

    def look(self, look: Look) -> Any:
        outcome = look.at(self.run)
        if not look.source.constant:
            self.probes.append((look, outcome))
        return outcome

    def bind(self, look: Look, type_: TypeEngine[Any]) -> BindParameter[Any]:
        name = f"argument_{len(self.slots) + 1}"
        self.slots[name] = look
        return bindparam(name, type_=type_, required=True)


class Arguments:
    """The arguments of one field, or an input object in them; names are the schema's."""

    def __init__(self, ledger: Ledger, source: Source, path: tuple[str | int, ...] = ()) -> None:
        self._ledger = ledger
        self._source = source
        self._path = path

    def given(self, name: str) -> bool:
        """Whether the argument is there and not null."""
        return self.derive(name, _is_given)

    def object(self, name: str) -> Arguments | None:
        """The input object of this name; None where it is absent or null."""
        if not self.given(name):
            return None
        return Arguments(self._ledger, self._source, (*self._path, name))

    def objects(self, name: str) -> list[Arguments]:
        """The input objects in the list of this name; none where it is absent or null.

        The plan depends on how many they are.
        """
        count = self.derive(name, lambda values: len(values or ()))
        return [
            Arguments(self._ledger, self._source, (*self._path, name, place))
            for place in range(count)
        ]

    def choice(self, name: str) -> Any:
        """The value itself, which the plan then depends on: an enum, a boolean."""
        return self.derive(name, _itself)

    def derive(self, name: str, make: Callable[[Any], Any]) -> Any:
        """What *make* makes of the value (None where absent); the plan depends on it alone."""
        return self._ledger.look(self._at(name, make))

    def bind(
        self,
        name: str,
        transform: Callable[[Any], Any] | None = None,
        type_: TypeEngine[Any] | None = None,
    ) -> BindParameter[Any]:
        """A parameter with the value, passed through *transform*, of whichever run it is."""
        return self._ledger.bind(self._at(name, transform or _itself), type_ or Text())

    def any_of(
        self,
        name: str,
        column: ColumnElement[Any] | QueryableAttribute[Any],
        transform: Callable[[Any], Any] | None = None,
    ) -> ColumnElement[bool]:
        """The condition that *column* is among the listed values, however many they are.

        *transform* is applied to each of them.
        """
        forms = self._ledger.forms

        def texts(values: Sequence[Any] | None) -> Any:
            made = values or () if transform is None else map(transform, values or ())
            return forms.listed([storable(str(value)) for value in made])

        return forms.is_among(
            cast("ColumnElement[Any]", column), self.bind(name, texts, forms.list_type)
        )

    def _at(self, name: str, reading: Callable[[Any], Any]) -> Look:
        return Look(self._source, (*self._path, name), reading)


def _itself(value: Any) -> Any:
    return value


def _is_given(value: Any) -> bool:
    return value is not None


def variables_in(arguments: Sequence[ArgumentNode]) -> Iterator[str]:
    """The names of the variables in *arguments*, however deep in lists and objects."""
    waiting: list[Node] = [argument.value for argument in arguments]
    while waiting:
        node: Any = waiting.pop()
        if isinstance(node, VariableNode):
            yield node.name.value
        waiting.extend(getattr(node, "values", None) or ())
        waiting.extend(part.value for part in getattr(node, "fields", None) or ())
