import base64
import hashlib
import string
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from itsdangerous import Signer

from auth.links import Link, LinkInvalid, Links, Purpose

NEWEST = "the-newest-key-of-three-0123456789abcdef"
MIDDLE = "the-middle-key-of-three-0123456789abcdef"
OLDEST = "the-oldest-key-of-three-0123456789abcdef"
LINKS = Links([NEWEST])

PREFIXES = {
    Purpose.INVITATION: "inv",
    Purpose.RESET: "rst",
    Purpose.SIGN_UP: "sgn",
    Purpose.MEMBER: "minv",
}
ALPHABET = string.ascii_letters + string.digits + "-_"


@st.composite
def some_link(draw: st.DrawFn) -> Link:
    purpose = draw(st.sampled_from(Purpose))
    firm, subject = draw(st.uuids()), draw(st.uuids())
    counter = draw(st.integers(0, 2**32 - 1))
    return Link(purpose, f"firm_{firm.hex}", f"{PREFIXES[purpose]}_{subject.hex}", counter)


INVITED = Link(
    Purpose.INVITATION,
    "firm_0198c0ffee007000800000000000000a",
    "inv_0198c0ffee007000800000000000000b",
    3,
)


@given(link=some_link())
def test_a_link_reads_as_it_was_signed(link: Link) -> None:
    assert LINKS.read(link.purpose, LINKS.sign(link)) == link


@given(link=some_link(), other=st.sampled_from(Purpose))
def test_a_link_is_refused_for_every_other_purpose(link: Link, other: Purpose) -> None:
    assume(other is not link.purpose)
    with pytest.raises(LinkInvalid):
        LINKS.read(other, LINKS.sign(link))


@given(link=some_link(), place=st.integers(0, 91), character=st.sampled_from(ALPHABET + ".=+/ \n"))
def test_a_link_with_one_other_character_is_refused(link: Link, place: int, character: str) -> None:
    token = LINKS.sign(link)
    assume(token[place] != character)
    with pytest.raises(LinkInvalid):
        LINKS.read(link.purpose, token[:place] + character + token[place + 1 :])


def test_every_other_spelling_of_the_last_character_is_refused() -> None:
    token = LINKS.sign(INVITED)
    read = []
    for character in ALPHABET:
        try:
            LINKS.read(Purpose.INVITATION, token[:-1] + character)
        except LinkInvalid:
            continue
        read.append(character)
    assert read == [token[-1]]


@pytest.mark.parametrize("added", ["=", "==", " ", "\n", "\t", ".", "A", "\0", "%3D", "\u00e9"])
def test_nothing_may_stand_before_or_behind_a_link(added: str) -> None:
    token = LINKS.sign(INVITED)
    payload, signature = token.split(".")
    for spelled in (token + added, added + token, f"{payload}{added}.{signature}"):
        with pytest.raises(LinkInvalid):
            LINKS.read(Purpose.INVITATION, spelled)


@given(link=some_link(), length=st.integers(0, 91))
def test_a_link_cut_short_is_refused(link: Link, length: int) -> None:
    with pytest.raises(LinkInvalid):
        LINKS.read(link.purpose, LINKS.sign(link)[:length])


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase, lambda text: text[::-1]])
def test_a_link_in_another_case_or_order_is_refused(
    change: Callable[[str], str],
) -> None:
    with pytest.raises(LinkInvalid):
        LINKS.read(Purpose.INVITATION, change(LINKS.sign(INVITED)))


@given(text=st.text(st.characters(), max_size=120))
def test_any_text_is_refused_with_the_same_error(text: str) -> None:
    with pytest.raises(LinkInvalid) as refused:
        LINKS.read(Purpose.RESET, text)
    assert refused.value.args == ()


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(LinkInvalid):
        LINKS.read(Purpose.RESET, "\ud800" + LINKS.sign(INVITED)[1:])


@given(one=some_link(), other=some_link())
def test_the_parts_of_two_links_do_not_combine(one: Link, other: Link) -> None:
    first, second = LINKS.sign(one), LINKS.sign(other)
    assume(first.split(".")[0] != second.split(".")[0])
    with pytest.raises(LinkInvalid):
        LINKS.read(one.purpose, f"{first.split('.')[0]}.{second.split('.')[1]}")


@given(link=some_link())
def test_a_newer_counter_makes_another_link(link: Link) -> None:
    newer = replace(link, counter=(link.counter + 1) % 2**32)
    assert LINKS.sign(newer) != LINKS.sign(link)
    assert LINKS.read(link.purpose, LINKS.sign(newer)).counter == newer.counter


@given(link=some_link())
def test_the_decoded_parts_show_no_id(link: Link) -> None:
    token = LINKS.sign(link)
    parts = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]
    for shown in (token.encode(), *parts):
        for hidden in (link.firm_id, link.subject_id):
            assert hidden.encode() not in shown
            assert hidden.partition("_")[2].encode() not in shown
        assert b"firm_" not in shown


@given(link=some_link())
def test_a_link_fits_into_an_address_unescaped(link: Link) -> None:
    assert set(LINKS.sign(link)) <= {*ALPHABET, "."}


@given(link=some_link())
def test_links_signed_with_an_older_key_of_the_list_still_work(link: Link) -> None:
    rotated = Links([NEWEST, MIDDLE, OLDEST])
    for key in (NEWEST, MIDDLE, OLDEST):
        assert rotated.read(link.purpose, Links([key]).sign(link)) == link


@given(link=some_link())
def test_the_first_key_of_the_list_signs(link: Link) -> None:
    assert Links([NEWEST, OLDEST]).sign(link) == Links([NEWEST]).sign(link)


@given(link=some_link())
def test_links_signed_with_a_removed_key_stop_at_once(link: Link) -> None:
    with pytest.raises(LinkInvalid):
        Links([NEWEST, MIDDLE]).read(link.purpose, Links([OLDEST]).sign(link))


def test_a_token_signed_without_the_purpose_is_refused() -> None:
    payload = LINKS.sign(INVITED).split(".")[0]
    foreign = Signer(NEWEST, key_derivation="hmac", digest_method=hashlib.sha256).sign(payload)
    with pytest.raises(LinkInvalid):
        LINKS.read(Purpose.INVITATION, foreign.decode())


@pytest.mark.parametrize("keys", [[], [""], ["k" * 31], [NEWEST, "short"], NEWEST])
def test_no_key_and_short_keys_are_refused_without_showing_them(keys: list[str]) -> None:
    with pytest.raises(ValueError) as refused:
        Links(keys)
    assert "short" not in str(refused.value)
    assert NEWEST not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject_id": INVITED.subject_id.replace("inv_", "rst_")},
        {"subject_id": INVITED.subject_id.upper()},
        {"subject_id": INVITED.subject_id + "\n"},
        {"firm_id": INVITED.subject_id},
        {"firm_id": INVITED.firm_id[:-1]},
        {"firm_id": ""},
        {"counter": -1},
        {"counter": 2**32},
    ],
)
def test_a_link_that_could_not_be_read_back_is_not_signed(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        LINKS.sign(replace(INVITED, **wrong))


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_can_be_signed(purpose: Purpose) -> None:
    link = replace(INVITED, purpose=purpose, subject_id=f"{PREFIXES[purpose]}_{'0a' * 16}")
    assert LINKS.read(purpose, LINKS.sign(link)) == link
