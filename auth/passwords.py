"""Hashing and checking passwords: argon2id, a bounded number at a time.

One check costs about 30 ms of a core and `memory_kib` of memory. In the event loop it would stall
everybody; in an unbounded pool, a flood of sign-ins takes all memory. So the work has threads
and a queue of its own, and who finds the queue full is told to come back.
"""

import asyncio
import contextlib
import os
import secrets
import sys
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

_Result = TypeVar("_Result")

LONGEST = 128
"""The most code points that a password has, counted after NFC."""

# No text of more code points than this comes down to LONGEST by NFC, which joins at most four.
_LONGEST_BEFORE_NFC = 4 * LONGEST

# Someone who can write a hash into the database must not be able to stop the server with it.
_MOST_MEMORY_KIB = 1024 * 1024
_MOST_TIME = 20
_MOST_PARALLELISM = 16
_LONGEST_STORED = 256

_PRIORITY = 10
"""Of the threads that hash, as `nice` counts: about a tenth of a core where others want it too."""


class Overloaded(Exception):
    """Every thread is busy and the queue is full. Try again after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many passwords are being checked; retry after {retry_after} s.")
        self.retry_after = retry_after


def normalised(password: str) -> str | None:
    """The password in NFC, with nothing else changed; None when it is longer than LONGEST.

    NFC, so that one password spelled by two keyboards is one (NIST SP 800-63B-4, 3.1.1.2).
    """
    if len(password) > _LONGEST_BEFORE_NFC:
        return None
    text = unicodedata.normalize("NFC", password)
    return text if len(text) <= LONGEST else None


def _step_back() -> None:
    """Lets whatever else wants a core go first: every sign-in takes one for as long as it hashes.

    A thread has a priority of its own on Linux alone.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _PRIORITY)


class Passwords:
    """argon2id in its own bounded thread pool."""

    def __init__(
        self,
        *,
        memory_kib: int = 19456,
        time_cost: int = 2,
        parallelism: int = 1,
        workers: int | None = None,
        queue: int = 64,
    ) -> None:
        """The defaults of the three costs are the least that OWASP's password cheat sheet allows.

        `workers` threads, each taking `memory_kib` while it works; up to `queue` more calls wait
        for one. When None, one core is left to everything else: the requests that read, and the
        database beside us. Hashes once, about 30 ms, before it returns.
        """
        self._hasher = argon2.PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism
        )
        self._dummy = self._hasher.hash(secrets.token_bytes(32))
        workers = workers or max(1, (os.cpu_count() or 1) - 1)
        self._pool = ThreadPoolExecutor(
            max_workers=workers, thread_name_prefix="passwords", initializer=_step_back
        )
        self._lock = threading.Lock()
        self._places = workers + queue
        self._taken = 0

    async def hash(self, password: str) -> str:
        """What to store for `password`.

        Raises ValueError when it is longer than LONGEST, Overloaded when the queue is full.
        """
        text = normalised(password)
        if text is None:
            raise ValueError(f"A password has at most {LONGEST} characters.")
        return await self._in_thread(lambda: self._hasher.hash(_octets(text)))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether `stored` was made from `password`.

        Without a stored hash, or with one that we would not compute, the same work is done and
        the answer is False, so that time does not tell whether somebody has a password here.
        Raises Overloaded when the queue is full.
        """
        text = normalised(password)

        def work() -> bool:
            if text is None:
                return self._pretend(b"")
            if stored is None or not _acceptable(stored):
                return self._pretend(_octets(text))
            try:
                return self._hasher.verify(stored, _octets(text))
            except VerifyMismatchError:
                return False
            except (InvalidHashError, VerificationError):
                return self._pretend(_octets(text))

        return await self._in_thread(work)

    def outdated(self, stored: str) -> bool:
        """Whether `stored` was made with other costs than ours: hash anew at the next sign-in."""
        try:
            return self._hasher.check_needs_rehash(stored)
        except InvalidHashError:
            return True

    def close(self) -> None:
        """Finishes what has been accepted, at most the queue, then ends the threads."""
        self._pool.shutdown(wait=True)

    def _pretend(self, password: bytes) -> bool:
        # Any other failure (no memory left) is ours, not a wrong password: it goes up.
        with contextlib.suppress(VerifyMismatchError):
            self._hasher.verify(self._dummy, password)
        return False

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        with self._lock:
            if self._taken >= self._places:
                raise Overloaded(retry_after=1)
            self._taken += 1
        abandoned = threading.Event()
        results: list[_Result] = []

        def job() -> None:
            try:
                if not abandoned.is_set():
                    results.append(work())
            finally:
                with self._lock:
                    self._taken -= 1

        try:
            future = self._pool.submit(job)
        except RuntimeError:
            with self._lock:
                self._taken -= 1
            raise
        # The place belongs to the thread, not to the request. Without the shield, a cancelled
        # request would cancel its waiting job, which then never gives its place back.
        try:
            await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            abandoned.set()
            raise
        return results[0]


def _octets(text: str) -> bytes:
    # Half a surrogate pair is a wrong password like any other, not an error.
    return text.encode("utf-8", "surrogatepass")


def _acceptable(stored: str) -> bool:
    if len(stored) > _LONGEST_STORED or not stored.isascii():
        return False
    try:
        costs = argon2.extract_parameters(stored)
    except InvalidHashError:
        return False
    return (
        costs.type is argon2.Type.ID
        and costs.memory_cost <= _MOST_MEMORY_KIB
        and costs.time_cost <= _MOST_TIME
        and costs.parallelism <= _MOST_PARALLELISM
    )
