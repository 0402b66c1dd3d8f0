"""Who asks: a member or a client of exactly one firm, or nobody yet."""

from __future__ import annotations

from dataclasses import dataclass

from models.enums import Locale, Permission, Role


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody who is signed in. One of *member_id* and *portal_user_id* is set."""

    firm_id: str
    session_id: str | None
    member_id: str | None = None
    portal_user_id: str | None = None
    # What a member is at the firm.
    role: Role | None = None
    permissions: frozenset[Permission] = frozenset()
    locale: Locale
    # Where a client's session stands; says nothing about access.
    current_account_id: str | None = None

    @property
    def limited_to(self) -> str | None:
        """The member's id, where they see the accounts that are assigned to them alone."""
        sees_all = self.member_id is None or Permission.VIEW_ALL_ACCOUNTS in self.permissions
        return None if sees_all else self.member_id

    @property
    def is_member(self) -> bool:
        return self.member_id is not None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request: who asks (None when signed out), from where, in which language.

    *operator* is whoever runs the command line on the server itself.
    """

    caller: Caller | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    locale: Locale = Locale.EN
    operator: bool = False
