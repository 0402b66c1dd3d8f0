"""Who may do what: declared once above a use case, and true at every door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeVar

from models.enums import Permission, Role
from tenancy.caller import Visit

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
    Role.EMPLOYEE: frozenset({Permission.VIEW_ALL_ACCOUNTS}),
}
"""What a role brings when nothing else is said. Owners and admins always have everything."""


class Unauthenticated(Exception):
    """Nobody is signed in, and this needs somebody."""


class Forbidden(Exception):
    """The caller may not do this, whatever the input."""


class Kind(Enum):
    ANYONE = auto()
    SIGNED_IN = auto()
    CLIENTS = auto()
    MEMBERS = auto()
    OPERATOR = auto()


@dataclass(frozen=True)
class Audience:
    """Who is let in: a kind of caller, and for members perhaps a permission, or some roles."""

    kind: Kind
    permission: Permission | None = None
    roles: frozenset[Role] = frozenset(Role)

    def admit(self, visit: Visit) -> None:
        """Returns for a visit that is let in; raises Unauthenticated or Forbidden."""
        caller = visit.caller
        if self.kind is Kind.ANYONE:
            return
        if self.kind is Kind.OPERATOR:
            if not visit.operator:
                raise Forbidden
            return
        if caller is None:
            raise Unauthenticated
        if self.kind is Kind.SIGNED_IN:
            return
        if caller.is_member is not (self.kind is Kind.MEMBERS):
            raise Forbidden
        if self.permission is not None and self.permission not in caller.permissions:
            raise Forbidden
        if caller.role is not None and caller.role not in self.roles:
            raise Forbidden


ANYONE = Audience(Kind.ANYONE)
SIGNED_IN = Audience(Kind.SIGNED_IN)
CLIENTS = Audience(Kind.CLIENTS)
MEMBERS = Audience(Kind.MEMBERS)
OWNERS_AND_ADMINS = Audience(Kind.MEMBERS, roles=frozenset({Role.OWNER, Role.ADMIN}))
OPERATOR = Audience(Kind.OPERATOR)

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])
_ATTRIBUTE = "__audience__"


def _open_to(audience: Audience) -> Callable[[F], F]:
    def declare(use_case: F) -> F:
        setattr(use_case, _ATTRIBUTE, audience)
        return use_case

    return declare


public = _open_to(ANYONE)
signed_in = _open_to(SIGNED_IN)
clients = _open_to(CLIENTS)
members = _open_to(MEMBERS)
operator = _open_to(OPERATOR)


def allow(permission: Permission) -> Callable[[F], F]:
    """Declares that the use case is for members with *permission*."""
    return _open_to(Audience(Kind.MEMBERS, permission))


def audience_of(use_case: Callable[..., Any]) -> Audience:
    """The audience declared above a use case; raises LookupError where there is none."""
    audience = getattr(use_case, _ATTRIBUTE, None)
    if audience is None:
        raise LookupError(f"{use_case.__qualname__} does not say who may call it")
    return audience
