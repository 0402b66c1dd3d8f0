"""Plans: a statement compiled for the driver, and what it takes to run it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, ColumnElement, Dialect, select

from planner.arguments import Ledger, Look, Run
from tenancy.scope import all_within
from tenancy.storable import storable

if TYPE_CHECKING:
    from planner.selection import Selection

# Of one selection: for different looks of its variables. The latest stay.
MOST_VARIANTS = 8

Process = Callable[[Any], Any] | None


@dataclass(frozen=True)
class Fixed:
    """A parameter that the plan itself knows."""

    value: Any


@dataclass(frozen=True)
class Named:
    """A parameter that each run names: the firm, the moment, who asks."""

    name: str
    process: Process

    def at(self, run: Run, constants: Mapping[str, Any]) -> Any:
        value = constants[self.name]
        return self.process(value) if self.process else value


@dataclass(frozen=True)
class Bound:
    """A parameter made of an argument."""

    look: Look
    process: Process

    def at(self, run: Run, constants: Mapping[str, Any]) -> Any:
        value = storable(self.look.at(run))
        return self.process(value) if self.process else value


@dataclass(frozen=True)
class Plan:
    """A statement and its parameters, and what its arguments must look like.

    *sql* is None where the value can only be null. *selection* keeps the document's nodes
    alive, which plans are found by.
    """

    sql: str | None
    parameters: tuple[Fixed | Named | Bound, ...]
    probes: tuple[tuple[Look, Any], ...]
    selection: Selection

    def fits(self, run: Run) -> bool:
        """Whether planning would come to the same for this run."""
        return not self.probes or all(look.at(run) == outcome for look, outcome in self.probes)

    @cached_property
    def names(self) -> frozenset[str]:
        """The constants that it takes."""
        return frozenset(each.name for each in self.parameters if isinstance(each, Named))

    @cached_property
    def _fixed(self) -> list[Any]:
        return [getattr(parameter, "value", None) for parameter in self.parameters]

    @cached_property
    def _open(self) -> list[tuple[int, Named | Bound]]:
        return [
            (place, parameter)
            for place, parameter in enumerate(self.parameters)
            if not isinstance(parameter, Fixed)
        ]

    def values(self, run: Run, constants: Mapping[str, Any]) -> list[Any]:
        """The driver's parameters in order. Raises BadArgument, and KeyError for a constant."""
        values = self._fixed.copy()
        for place, parameter in self._open:
            values[place] = parameter.at(run, constants)
        return values


def compiled(
    value: ColumnElement[Any] | None, ledger: Ledger, dialect: Dialect, selection: Selection
) -> Plan:
    """The plan of a statement that answers *value* alone."""
    probes = tuple(ledger.probes)
    if value is None:
        return Plan(None, (), probes, selection)
    statement = all_within(select(value)).compile(dialect=dialect)
    open_ = {bind.key: None for bind in statement.binds.values() if bind.required}
    state = statement.construct_expanded_state(open_)

    def process_of(bind: BindParameter[Any]) -> Process:
        return bind.type.dialect_impl(dialect).bind_processor(dialect)

    def parameter(name: str) -> Fixed | Named | Bound:
        bind = statement.binds.get(name)
        if bind is None:  # One of the values of an IN, which SQLAlchemy has spread out.
            process = state.processors.get(name)
            value = state.parameters[name]
        else:
            process = process_of(bind)
            if look := ledger.slots.get(name):
                bound = Bound(look, process)
                return Fixed(bound.at(ledger.run, {})) if look.source.constant else bound
            if bind.required:
                return Named(bind.key, process)
            value = bind.effective_value
        value = process(value) if process else value
        return Fixed(value.value if isinstance(value, Enum) else value)

    names = state.positiontup or ()
    return Plan(state.statement, tuple(map(parameter, names)), probes, selection)
