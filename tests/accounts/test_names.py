"""Names of accounts and companies: made, kept as typed, or refused with a suggestion."""

from __future__ import annotations

import itertools
import re
import unicodedata

from tests.deployments import CREATE_ACCOUNT, Firm
from tests.documents import ACCOUNT

KIM = {"contact": {"new": {"firstName": "Kim", "middleName": "Q", "lastName": "Case"}}}

REFUSED = [
    "Müller: Erben",
    'The "Lamp"',
    "Meier/Huber",
    "Meier\\Huber",
    "Meier|Huber",
    "Who?",
    "A * B",
    "<Lamp>",
    ':"/\\|?*<>',
    "Bell\u0007s",
    "Line\nbreak",
    "Hidden\u200bspace",
    "Turned\u202eround",
    "con",
    "PRN",
    "Aux.txt",
    "nul",
    "COM1",
    "com¹",
    "LPT9.a.b",
    "LPT0",
    "Lamp & Co.",
    "Lamp...",
    "Lamp . .",
    "a.-:",
    "CON." + "x" * 196,
]


async def test_a_name_that_is_left_out_is_made(firm: Firm) -> None:
    slash = {"contact": {"new": {"firstName": "Kim", "lastName": "Case/Poe."}}}
    company = {"type": "COMPANY", "companyName": "Lamp Ltd", "contacts": [KIM]}
    for given, name in (
        ({"type": "INDIVIDUAL", "contacts": [KIM, slash]}, "Kim Case"),
        ({"type": "OTHER", "name": "  ", "contacts": [KIM]}, "Kim Case"),
        ({"type": "INDIVIDUAL", "name": None, "contacts": [slash]}, "Kim Case-Poe"),
        (company, "Lamp Ltd"),
        ({**company, "name": "Our own"}, "Our own"),
        ({"type": "COMPANY", "contacts": [KIM]}, "Kim Case"),
        ({"type": "OTHER", "contacts": [{"contact": {"new": {"email": "a@b.test"}}}]}, "a@b.test"),
        ({"type": "OTHER", "contacts": [{"contact": {"new": {"lastName": "Con"}}}]}, "Con_"),
        (
            {"type": "OTHER", "contacts": [{"contact": {"new": {"lastName": "x" * 200}}}]},
            "x" * 200,
        ),
    ):
        assert (await firm.account(**given))["name"] == name


async def test_a_name_is_kept_as_typed_trimmed_and_composed(firm: Firm) -> None:
    for typed, kept in (
        ("  mÜLLER  &  söhne ", "mÜLLER  &  söhne"),
        (unicodedata.normalize("NFD", "Zoë Łukasik"), "Zoë Łukasik"),
        ("Console", "Console"),
        ("COM10", "COM10"),
        (".hidden", ".hidden"),
        ("O'Neil, Kim (2nd) #5 100%", "O'Neil, Kim (2nd) #5 100%"),
        ("👍 Kim", "👍 Kim"),
        ("x" * 200, "x" * 200),
        (f"  {'x' * 200}  ", "x" * 200),
    ):
        account = await firm.account(name=typed)
        assert account["name"] == kept
        found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
        assert found["name"] == kept


async def test_a_refused_name_comes_with_one_that_would_do(firm: Firm) -> None:
    given = {"type": "COMPANY", "contacts": [KIM]}
    for field, typed in itertools.product(("name", "companyName"), REFUSED):
        answer = await firm.owner.ask(CREATE_ACCOUNT, input={**given, field: typed})
        assert answer.refusals() == [(field, "FORBIDDEN_CHARACTERS")], typed
        message = answer.data["createAccount"]["errors"][0]["message"]
        for character in set(typed) & set(':"/\\|?*<>'):
            assert character in message
        suggested = re.search("“(.+)”", message)
        assert suggested, message
        account = await firm.account(**given, **{field: suggested[1]})
        assert account["name"] == suggested[1]


async def test_a_name_has_two_hundred_characters_at_most(firm: Firm) -> None:
    for field in ("name", "companyName"):
        given = {"type": "COMPANY", "contacts": [KIM], field: "x" * 201}
        answer = await firm.owner.ask(CREATE_ACCOUNT, input=given)
        assert answer.refusals() == [(field, "TOO_LONG")]
