"""What the mails say, in both languages."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from mail.outbox import Template
from mail.render import Message, Renderer
from models import Firm, Mail
from models.enums import DeliveryStatus, Locale

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RENDER = Renderer(
    sender="post@mandant.example",
    link_url=lambda firm_id, slug, purpose, subject, counter: (
        f"https://mandant.example/p/{slug}/{purpose}?token={firm_id}.{subject}.{counter}"
    ),
    portal_url=lambda slug: f"https://mandant.example/p/{slug}",
)
FIRM = Firm(id="firm_1", slug="weber", name="Weber & Partner", time_zone="Europe/Berlin")
LINK = {"subject_id": "inv_1", "counter": 3}

CONTENT: dict[Template, dict[str, Any]] = {
    Template.INVITATION: {
        "first_name": "Eva",
        "account_name": "Müller <GmbH>",
        "message": "Liebe Eva,\n\nbis bald & viele Grüße",
        "valid_until": "2026-12-06T23:30:00+00:00",
        "link": {"purpose": "invitation", **LINK},
    },
    Template.ACCOUNT_ACCESS: {
        "first_name": "Eva",
        "account_name": "Müller <GmbH>",
        "message": None,
    },
    Template.RESET: {"first_name": "Eva", "link": {"purpose": "reset", **LINK}},
    Template.PASSWORD_CHANGED: {"first_name": "Eva"},
    Template.CLIENT_ACTIVATED: {
        "first_name": "Max",
        "client_name": "Eva Müller",
        "account_name": "Müller <GmbH>",
        "account_number": "1042",
        "account_url": "https://mandant.example/accounts/acct_1",
    },
    Template.MEMBER_INVITATION: {
        "first_name": "Eva",
        "inviter": "Max Weber",
        "again": True,
        "valid_until": "2026-12-06T23:30:00+00:00",
        "link": {"purpose": "member", **LINK},
    },
    Template.SIGN_UP: {"link": {"purpose": "sign-up", **LINK}},
    Template.SIGN_UP_KNOWN: {},
    Template.CLIENT_SIGNED_UP: {
        "first_name": "Max",
        "client_name": "Eva Müller",
        "account_name": "Müller <GmbH>",
        "account_number": "1042",
        "account_url": "https://mandant.example/accounts/acct_1",
    },
    Template.NOTICE: {
        "first_name": "Eva und Jan",
        "account_name": "Müller <GmbH>",
        "subject": "Your <assessment> is here",
        "message": "Liebe Eva,\n\nbis bald & viele Grüße",
        "account_id": "acct_1",
    },
    Template.NOTIFICATION: {
        "first_name": "Max",
        "title": "An invitation came back",
        "body": "eva@kundin.example did not take it.",
        "account_url": "https://mandant.example/accounts/acct_1",
    },
}
LINKED = {
    Template.INVITATION: "https://mandant.example/p/weber/invitation?token=firm_1.inv_1.3",
    Template.ACCOUNT_ACCESS: "https://mandant.example/p/weber",
    Template.RESET: "https://mandant.example/p/weber/reset?token=firm_1.inv_1.3",
    Template.PASSWORD_CHANGED: None,
    Template.CLIENT_ACTIVATED: "https://mandant.example/accounts/acct_1",
    Template.MEMBER_INVITATION: "https://mandant.example/p/weber/member?token=firm_1.inv_1.3",
    Template.SIGN_UP: "https://mandant.example/p/weber/sign-up?token=firm_1.inv_1.3",
    Template.SIGN_UP_KNOWN: "https://mandant.example/p/weber",
    Template.CLIENT_SIGNED_UP: "https://mandant.example/accounts/acct_1",
    Template.NOTICE: "https://mandant.example/p/weber/accounts/acct_1",
    Template.NOTIFICATION: "https://mandant.example/accounts/acct_1",
}


def rendered(template: str, locale: Locale = Locale.EN, **changes: Any) -> Message:
    return RENDER(
        Mail(
            firm_id="firm_1",
            id="mail_1",
            template=template,
            recipient="eva@kundin.example",
            locale=locale,
            content={**CONTENT[Template(template)], **changes},
            state=DeliveryStatus.QUEUED,
        ),
        FIRM,
        now=NOW,
    )


def words(message: Message) -> tuple[list[str], list[str]]:
    """The words of the text, and those that the HTML shows."""
    shown = re.sub(r"<(style|title)>.*?</\1>|<[^>]+>", " ", message.html, flags=re.DOTALL)
    quoted = message.text.replace("\n> ", "\n")
    return quoted.split(), html.unescape(shown).split()


def test_every_template_is_tested() -> None:
    assert CONTENT.keys() == LINKED.keys() == set(Template)


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("template", Template)
def test_text_and_html_say_the_same(template: Template, locale: Locale) -> None:
    text, shown = words(rendered(template, locale))
    assert {word.rstrip(":") for word in text} <= {word.rstrip(":") for word in shown}


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("template", Template)
def test_a_mail_loads_nothing_and_links_to_one_place_at_most(
    template: Template, locale: Locale
) -> None:
    message = rendered(template, locale)
    wanted = [LINKED[template]] if LINKED[template] else []
    assert re.findall(r"https?://\S+", message.text) == wanted
    assert re.findall(r'(?:href|src|url|@import)[=(\s]"?([^">]*)', message.html) == wanted
    assert not re.search(r"<(img|link|script|iframe|object|form)\b", message.html)


@pytest.mark.parametrize("template", Template)
def test_the_languages_differ_and_the_subject_is_neither_long_nor_empty(template: Template) -> None:
    german, english = rendered(template, Locale.DE), rendered(template, Locale.EN)
    assert german.text != english.text
    assert re.match(r"Guten Tag[ ,]", german.text) and re.match(r"Hello[ ,]", english.text)
    for message in (german, english):
        assert 10 < len(message.subject) < 78
        assert f'<html lang="{message.headers["Content-Language"]}">' in message.html


@pytest.mark.parametrize(
    ("locale", "until"), [(Locale.DE, "7. Dezember 2026"), (Locale.EN, "7 December 2026")]
)
def test_an_invitation_says_who_invites_where_to_and_until_when(locale: Locale, until: str) -> None:
    message = rendered(Template.INVITATION, locale)
    assert "Weber & Partner" in message.subject
    assert message.sender_name == "Weber & Partner"
    for fact in ("Eva", "Müller <GmbH>", until, "> Liebe Eva,\n> \n> bis bald & viele Grüße\n"):
        assert fact in message.text
    assert "Liebe Eva,<br><br>bis bald &amp; viele Grüße" in message.html
    assert "Müller &lt;GmbH&gt;" in message.html


@pytest.mark.parametrize(
    ("locale", "fresh", "only"),
    [
        (Locale.EN, "A fresh link to the client portal of", "Links in earlier mails do not work"),
        (Locale.DE, "Ein neuer Link zum Kundenportal von", "Die Links in früheren Mails gelten"),
    ],
)
def test_an_invitation_that_is_sent_again_says_that_it_replaces_the_others(
    locale: Locale, fresh: str, only: str
) -> None:
    again, first = (rendered(Template.INVITATION, locale, again=say) for say in (True, False))
    assert again.subject == f"{fresh} Weber & Partner"
    assert only in again.text and only in again.html
    assert fresh not in first.subject and only not in first.text + first.html
    # One that waited since before there was such a word.
    assert rendered(Template.INVITATION, locale).text == first.text


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("template", Template)
def test_the_html_is_what_mail_programs_can_show(template: Template, locale: Locale) -> None:
    message = rendered(template, locale)
    assert message.html.startswith(f'<!DOCTYPE html>\n<html lang="{locale.lower()}">')
    assert not re.search(
        r"<div(?! style=\"display:none)|\b(flex|grid|float|position):?", message.html
    )
    assert 'role="presentation" width="600"' in message.html
    # What lists show beside the subject: the first sentence, and then nothing of the greeting.
    [hidden] = re.findall(r'<div style="display:none[^>]*>(.*?)</div>', message.html)
    shown, blanks = html.unescape(hidden).partition("\u200b")[::2]
    assert shown[0].isupper() and shown[1:20] in message.text.replace(" \n", " ")
    assert len(blanks) > 100 and not blanks.strip("\u200b\xa0")
    if LINKED[template]:
        assert message.html.count(html.escape(LINKED[template] or "")) == 2
    assert max(map(len, message.text.splitlines())) <= 80


def test_the_text_says_that_it_flows() -> None:
    parts = list(rendered(Template.INVITATION).as_email().walk())
    assert [part.get_param("format") for part in parts] == [None, "flowed", None]


def test_a_mail_without_a_message_quotes_nothing() -> None:
    message = rendered(Template.INVITATION, message=None)
    assert "blockquote" not in message.html
    assert ">" not in message.text.replace("Müller <GmbH>", "")


def test_a_notice_leads_nowhere_for_whom_the_portal_is_closed() -> None:
    message = rendered(Template.NOTICE, account_id=None)
    assert "http" not in message.text and "<a " not in message.html
    assert "> Liebe Eva,\n> \n> bis bald & viele Grüße\n" in message.text


def test_somebody_without_a_name_is_greeted_all_the_same() -> None:
    assert rendered(Template.PASSWORD_CHANGED, first_name=None).text.startswith("Hello,\n")


def test_a_message_cannot_pass_itself_off_as_the_firms_words() -> None:
    message = rendered(
        Template.INVITATION, message="Hi\r\n\r\nPay <b>now</b>:\u2028\u202ehttps://evil"
    )
    assert "> Hi\n> \n> Pay <b>now</b>:https://evil\n" in message.text
    assert "Hi<br><br>Pay &lt;b&gt;now&lt;/b&gt;:https://evil</blockquote>" in message.html


def test_a_template_that_is_none_or_lacks_something_is_an_error() -> None:
    with pytest.raises(KeyError):
        rendered(Template.RESET, link=None)
    broken = Mail(
        id="mail_1", template="RESET", recipient="a@b.example", locale=Locale.DE, content={}
    )
    with pytest.raises(KeyError):
        RENDER(broken, FIRM, now=NOW)
    broken.template = "BILL"
    with pytest.raises(ValueError, match="BILL"):
        RENDER(broken, FIRM, now=NOW)


@pytest.mark.parametrize(
    "sender", ["", "post", "@mandant.example", "post@", "a b@c.example", "a@b\r\nBcc: c@d.example"]
)
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    with pytest.raises(ValueError):
        Renderer(
            sender=sender, link_url=lambda firm, slug, purpose, subject, counter: "", portal_url=str
        )
