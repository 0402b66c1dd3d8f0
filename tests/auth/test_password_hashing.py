import asyncio
import threading
import unicodedata
from collections.abc import Iterator

import argon2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auth.passwords import LONGEST, Overloaded, Passwords

pytestmark = pytest.mark.anyio

PASSWORD = "ein langes Passwort mit Umlaut ü"
OTHER_SALT = "$c29tZXNvbWVzb21lc29tZQ$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    """Cheap hashes, so that the tests are about the rules and not about argon2's speed."""
    cheap = Passwords(memory_kib=8, time_cost=1, workers=2, queue=4)
    yield cheap
    cheap.close()


class Gate:
    """Stands in for argon2's work: counts who is inside, and holds them until opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.lock = threading.Lock()
        self.inside = self.most = self.begun = 0

    def verify(self, *_: object) -> bool:
        with self.lock:
            self.begun += 1
            self.inside += 1
            self.most = max(self.most, self.inside)
        assert self.opened.wait(10)
        with self.lock:
            self.inside -= 1
        return True

    async def until_begun(self, number: int) -> None:
        async with asyncio.timeout(10):
            while self.begun < number:
                await asyncio.sleep(0.001)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(argon2.PasswordHasher, "verify", gate.verify)
    yield gate
    gate.opened.set()


@pytest.fixture
async def stored(passwords: Passwords) -> str:
    return await passwords.hash(PASSWORD)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """Each hash that argon2 was asked to compute for a check, and with what."""
    asked: list[tuple[str, bytes]] = []
    verify = argon2.PasswordHasher.verify

    def recorded(self: argon2.PasswordHasher, stored: str, password: bytes) -> bool:
        asked.append((stored, password))
        return verify(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", recorded)
    return asked


async def test_the_right_password_is_right_and_another_wrong(
    passwords: Passwords, stored: str
) -> None:
    assert await passwords.verify(PASSWORD, stored)
    assert not await passwords.verify(PASSWORD + "!", stored)
    assert not await passwords.verify("", stored)


async def test_what_is_stored_is_argon2id_with_at_least_19_mib_and_two_rounds() -> None:
    passwords = Passwords(workers=1)
    stored = await passwords.hash(PASSWORD)
    passwords.close()
    costs = argon2.extract_parameters(stored)
    assert costs.type is argon2.Type.ID
    assert costs.memory_cost >= 19 * 1024
    assert costs.time_cost >= 2
    assert costs.salt_len >= 16


async def test_one_password_is_stored_differently_each_time(
    passwords: Passwords, stored: str
) -> None:
    assert await passwords.hash(PASSWORD) != stored


async def test_both_spellings_of_an_umlaut_are_one_password(passwords: Passwords) -> None:
    for kept, typed in (("NFC", "NFD"), ("NFD", "NFC")):
        stored = await passwords.hash(unicodedata.normalize(kept, PASSWORD))
        assert await passwords.verify(unicodedata.normalize(typed, PASSWORD), stored)


@pytest.mark.parametrize(
    "typed",
    [
        PASSWORD + " ",
        " " + PASSWORD,
        PASSWORD.upper(),
        PASSWORD.replace(" ", "\u00a0"),
        PASSWORD + "\0",
        PASSWORD + "\0x",
    ],
)
async def test_spaces_case_and_nul_are_significant(
    passwords: Passwords, stored: str, typed: str
) -> None:
    assert not await passwords.verify(typed, stored)


@pytest.mark.parametrize("place", [72, 99, LONGEST - 1])
async def test_nothing_is_cut_off(passwords: Passwords, place: int) -> None:
    stored = await passwords.hash("x" * LONGEST)
    assert await passwords.verify("x" * LONGEST, stored)
    assert not await passwords.verify("x" * place + "y" + "x" * (LONGEST - place - 1), stored)
    assert not await passwords.verify("x" * (LONGEST - 1), stored)


@settings(max_examples=50, deadline=None)
@given(password=st.text(st.characters(codec=None), max_size=LONGEST // 4))
def test_every_text_is_a_password_and_half_a_surrogate_pair_too(password: str) -> None:
    async def round_trip() -> tuple[bool, bool]:
        passwords = Passwords(memory_kib=8, time_cost=1, workers=1)
        try:
            stored = await passwords.hash(password)
            right = await passwords.verify(password, stored)
            return right, await passwords.verify(password + "\ud800", stored)
        finally:
            passwords.close()

    assert asyncio.run(round_trip()) == (True, False)


async def test_the_length_is_counted_after_composing(passwords: Passwords) -> None:
    longest = "ế" * LONGEST
    stored = await passwords.hash(unicodedata.normalize("NFD", longest))
    assert await passwords.verify(longest, stored)


@pytest.mark.parametrize("length", [LONGEST + 1, 5_000_000])
async def test_a_longer_password_is_never_hashed(
    passwords: Passwords, stored: str, computed: list[tuple[str, bytes]], length: int
) -> None:
    with pytest.raises(ValueError):
        await passwords.hash("x" * length)
    assert not await passwords.verify("x" * length, stored)
    assert [len(password) for _, password in computed] == [0]


@pytest.mark.parametrize(
    "unusable",
    [
        None,
        "",
        "x" * 100_000,
        "no hash at all",
        "$argon2id$",
        "$argon2id$v=19$m=8,t=1,p=1$$",
        "$argon2id$v=19$m=8,t=1,p=1$!!!!$ääää",
        "$argon2id$v=19$m=8,t=1,p=0" + OTHER_SALT,
        "$argon2id$v=19$m=-8,t=1,p=1" + OTHER_SALT,
        "$argon2id$v=19$m=2097152,t=1,p=1" + OTHER_SALT,
        "$argon2id$v=19$m=8,t=1000000,p=1" + OTHER_SALT,
        "$argon2id$v=19$m=80000,t=1,p=1000" + OTHER_SALT,
        "$argon2id$v=19$m=" + "9" * 5000 + ",t=1,p=1" + OTHER_SALT,
        "$argon2i$v=19$m=8,t=1,p=1" + OTHER_SALT,
        "$2b$12$abcdefghijklmnopqrstuuCNmTqSeYuh2uyfuPSEsRPFlAXDXxuzW",
    ],
)
async def test_without_a_usable_hash_the_same_work_is_done_in_vain(
    passwords: Passwords,
    stored: str,
    computed: list[tuple[str, bytes]],
    unusable: str | None,
) -> None:
    assert not await passwords.verify(PASSWORD, unusable)
    worked = computed[-1]
    assert worked[1] == PASSWORD.encode()
    assert argon2.extract_parameters(worked[0]) == argon2.extract_parameters(stored)
    assert all(len(asked) < 300 and "2097152" not in asked for asked, _ in computed)


async def test_raised_costs_make_a_hash_outdated(passwords: Passwords, stored: str) -> None:
    raised = Passwords(memory_kib=16, time_cost=2, workers=1)
    assert not passwords.outdated(stored)
    assert raised.outdated(stored)
    assert await raised.verify(PASSWORD, stored)
    assert not raised.outdated(await raised.hash(PASSWORD))
    raised.close()


def test_what_is_no_hash_is_outdated(passwords: Passwords) -> None:
    assert passwords.outdated("no hash at all")


async def test_no_more_than_the_workers_compute_at_once_and_the_loop_goes_on(
    passwords: Passwords, gate: Gate
) -> None:
    checks = [asyncio.create_task(passwords.verify(PASSWORD, None)) for _ in range(6)]
    await gate.until_begun(2)
    for _ in range(100):
        await asyncio.sleep(0)
    assert (gate.inside, gate.begun) == (2, 2)
    assert not any(check.done() for check in checks)
    gate.opened.set()
    await asyncio.gather(*checks)
    assert (gate.most, gate.begun) == (2, 6)


async def test_who_finds_the_queue_full_is_told_when_to_come_back(
    passwords: Passwords, gate: Gate
) -> None:
    checks = [asyncio.create_task(passwords.verify(PASSWORD, None)) for _ in range(6)]
    await asyncio.sleep(0)
    for refused in (passwords.verify(PASSWORD, None), passwords.hash(PASSWORD)):
        with pytest.raises(Overloaded) as overloaded:
            await refused
        assert overloaded.value.retry_after > 0
    gate.opened.set()
    await asyncio.gather(*checks)
    assert not await passwords.verify(PASSWORD, None)
    assert gate.begun == 7


async def test_cancelled_requests_keep_their_places_until_their_threads_are_through(
    passwords: Passwords, gate: Gate
) -> None:
    checks = [asyncio.create_task(passwords.verify(PASSWORD, None)) for _ in range(6)]
    await gate.until_begun(2)
    for check in checks:
        check.cancel()
    assert all(
        isinstance(outcome, asyncio.CancelledError)
        for outcome in await asyncio.gather(*checks, return_exceptions=True)
    )
    with pytest.raises(Overloaded):
        await passwords.verify(PASSWORD, None)
    assert gate.inside == 2
    gate.opened.set()
    async with asyncio.timeout(10):
        outcomes: list[object] = []
        while outcomes != [False] * 6:
            again = [passwords.verify(PASSWORD, None) for _ in range(6)]
            outcomes = [*await asyncio.gather(*again, return_exceptions=True)]
    assert gate.most == 2


async def test_a_cancelled_request_that_still_waited_costs_no_work(
    passwords: Passwords, gate: Gate
) -> None:
    working = [asyncio.create_task(passwords.verify(PASSWORD, None)) for _ in range(2)]
    await gate.until_begun(2)
    waiting = [asyncio.create_task(passwords.verify(PASSWORD, None)) for _ in range(4)]
    await asyncio.sleep(0)
    for check in waiting:
        check.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    gate.opened.set()
    await asyncio.gather(*working)
    passwords.close()
    assert gate.begun == 2


async def test_a_failure_of_the_machine_is_no_wrong_password_and_frees_its_place(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bool:
        raise argon2.exceptions.VerificationError("Memory allocation error")

    with monkeypatch.context() as broken:
        broken.setattr(argon2.PasswordHasher, "verify", fails)
        for _ in range(20):
            with pytest.raises(argon2.exceptions.VerificationError):
                await passwords.verify(PASSWORD, await passwords.hash(PASSWORD))
    assert await passwords.verify(PASSWORD, await passwords.hash(PASSWORD))
