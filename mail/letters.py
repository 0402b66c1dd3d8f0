"""What the mails say: each template's words, once, for the text and the HTML alike."""

from __future__ import annotations

from collections.abc import Callable

from mail.facts import Button, Facts, Letter
from mail.outbox import Template


def _invitation(facts: Facts) -> Letter:
    subject = facts.say("{firm} invites you to its client portal")
    if facts.holds("again"):
        subject = facts.say("A fresh link to the client portal of {firm}")
    return Letter(
        subject=subject,
        greeting=facts.greeting,
        paragraphs=(
            facts.say(
                "{firm} has set up access to the client portal for you. You reach the account "
                "“{account}” there.",
                account=facts.text("account_name"),
            ),
            facts.say("Choose a password, and you are in."),
        ),
        quote=facts.message,
        button=Button(facts.say("Activate the portal"), facts.link),
        notes=_below_first_link(facts),
    )


def _below_first_link(facts: Facts) -> tuple[str, ...]:
    """What is said of a link by which somebody chooses their first password."""
    replaces: tuple[str, ...] = ()
    if facts.holds("again"):
        replaces = (facts.say("Links in earlier mails do not work any more. This one does."),)
    return (
        *replaces,
        facts.say(
            "The link works once, until {day}. Afterwards you sign in with your e-mail address "
            "and your password.",
            day=facts.day("valid_until"),
        ),
        facts.say(
            "If you did not expect this invitation, you need not do anything. "
            "Without a password nothing is opened."
        ),
    )


def _account_access(facts: Facts) -> Letter:
    return Letter(
        subject=facts.say("{firm} has opened another account to you"),
        greeting=facts.greeting,
        paragraphs=(
            facts.say(
                "You can now reach the account “{account}” in the client portal of {firm}.",
                account=facts.text("account_name"),
            ),
            facts.say(
                "There is nothing to activate: sign in with your e-mail address and the password "
                "that you have, and switch to the account."
            ),
        ),
        quote=facts.message,
        button=Button(facts.say("Go to the portal"), facts.portal_url),
        notes=(facts.say("If you did not expect this, please ask {firm}."),),
    )


def _reset(facts: Facts) -> Letter:
    return Letter(
        subject=facts.say("A new password at {firm}"),
        greeting=facts.greeting,
        paragraphs=(
            facts.say(
                "Somebody asked for a new password for your access at {firm}. "
                "If it was you, choose one here."
            ),
        ),
        button=Button(facts.say("Choose a new password"), facts.link),
        notes=(
            facts.say("The link works once, within one hour of your request."),
            facts.say("If it was not you, you need not do anything. Your password stays as it is."),
        ),
    )


def _password_changed(facts: Facts) -> Letter:
    return Letter(
        subject=facts.say("Your password at {firm} was changed"),
        greeting=facts.greeting,
        paragraphs=(
            facts.say(
                "The password for your access at {firm} was changed. "
                "Whoever was signed in elsewhere has been signed out."
            ),
            facts.say("If it was not you, please tell {firm} at once."),
        ),
    )


def _client_activated(facts: Facts) -> Letter:
    return Letter(
        subject=facts.say("{client} has activated the portal", client=facts.text("client_name")),
        greeting=facts.greeting,
        paragraphs=(
            facts.say(
                "{client} has activated the portal and can now enter the account {account} "
                "({number}).",
                client=facts.text("client_name"),
                account=facts.text("account_name"),
                number=facts.text("account_number"),
            ),
        ),
        button=Button(facts.say("Go to the account"), facts.text("account_url")),
    )


def _sign_up(facts: Facts) -> Letter:
    return Letter(
        subject=facts.say("Your sign-up at {firm}"),
        # Whoever typed the address also typed the name, and may be anybody.
        greeting=facts.say("Hello,"),
        paragraphs=(
            facts.say(
                "Somebody signed up for the client portal of {firm} with this e-mail address. "
                "If it was you, choose a password now, and your account is there."
            ),
        ),
        button=Button(facts.say("Choose a password"), facts.link),
        notes=(
            facts.say("The link works once, within 24 hours."),
            facts.say("If it was not you, you need not do anything. Nothing is set up then."),
        ),
    )


def _sign_up_known(facts: Facts) -> Letter:
    return Letter(
        subject=facts.say("Your sign-up at {firm}"),
        greeting=facts.say("Hello,"),
        paragraphs=(
            facts.say(
                "Somebody signed up for the client portal of {firm} with this e-mail address. "
                "But {firm} knows the address already, so nothing was changed."
            ),
            facts.say(
                "If you have a password, sign in with it; if you forgot it, you can choose a new "
                "one there. If you were invited, use the link in the invitation. "
                "Otherwise please ask {firm}."
            ),
        ),
        button=Button(facts.say("Go to the portal"), facts.portal_url),
        notes=(facts.say("If it was not you, you need not do anything."),),
    )


def _client_signed_up(facts: Facts) -> Letter:
    return Letter(
        subject=facts.say("{client} has signed up", client=facts.text("client_name")),
        greeting=facts.greeting,
        paragraphs=(
            facts.say(
                "{client} has signed up in the portal. There is a new account: {account} "
                "({number}).",
                client=facts.text("client_name"),
                account=facts.text("account_name"),
                number=facts.text("account_number"),
            ),
        ),
        button=Button(facts.say("Go to the account"), facts.text("account_url")),
    )


def _member_invitation(facts: Facts) -> Letter:
    return Letter(
        subject=facts.say("{inviter} invites you to {firm}", inviter=facts.text("inviter")),
        greeting=facts.greeting,
        paragraphs=(
            facts.say(
                "{inviter} has invited you to work at {firm}, with its accounts and contacts.",
                inviter=facts.text("inviter"),
            ),
            facts.say("Choose a password, and you are in."),
        ),
        button=Button(facts.say("Choose a password"), facts.link),
        notes=_below_first_link(facts),
    )


def _notice(facts: Facts) -> Letter:
    account = facts.text("account_name")
    # Only where the account opens to whoever reads it.
    way = facts.account_page if facts.holds("account_id") else None
    return Letter(
        subject=facts.text("subject"),
        greeting=facts.greeting,
        paragraphs=(facts.say("{firm} writes to you about “{account}”:", account=account),),
        quote=facts.message,
        button=Button(facts.say("Go to the account"), way) if way else None,
        notes=(
            facts.say(
                "You are told what concerns “{account}”. If you do not wish that, please tell "
                "{firm}.",
                account=account,
            ),
        ),
    )


def _notification(facts: Facts) -> Letter:
    # What happened to a member leads to no account.
    way = facts.text("account_url") if facts.holds("account_url") else None
    return Letter(
        subject=facts.text("title"),
        greeting=facts.greeting,
        paragraphs=(facts.text("body"),),
        button=Button(facts.say("Go to the account"), way) if way else None,
    )


_LETTERS: dict[Template, Callable[[Facts], Letter]] = {
    Template.INVITATION: _invitation,
    Template.ACCOUNT_ACCESS: _account_access,
    Template.RESET: _reset,
    Template.PASSWORD_CHANGED: _password_changed,
    Template.CLIENT_ACTIVATED: _client_activated,
    Template.SIGN_UP: _sign_up,
    Template.SIGN_UP_KNOWN: _sign_up_known,
    Template.CLIENT_SIGNED_UP: _client_signed_up,
    Template.MEMBER_INVITATION: _member_invitation,
    Template.NOTICE: _notice,
    Template.NOTIFICATION: _notification,
}


def compose(template: str, facts: Facts) -> Letter:
    """The letter for a mail's template.

    Raises ValueError for a template that there is none of, and KeyError for content that lacks
    what the letter needs.
    """
    return _LETTERS[Template(template)](facts)
