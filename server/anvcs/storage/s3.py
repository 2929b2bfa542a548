"""A store in a folder of an S3 bucket: many machines, no server of its own; needs the extra ``team``.

Everything is one ordered map (objects, refs, and each log's entries side by side) in immutable segments of about
16 KiB under ``segments/``; values over 4 KiB are segments of their own. The one thing that changes is ``head``: it
names the map's root and holds the latest changes themselves, up to 64 KiB. Moving it by compare-and-swap is the commit
point: a transaction happened when its head is there, and what was written before for one that did not is garbage that
nobody sees. Readers read one head, and so one moment.

Writers are serial: the first swap writes the writer's token into the head, the second one commits and takes it out.
Who finds the same head with the same token for ``LEASE`` seconds by its own clock takes the dead one's place, whose
commit would then fail. Each head names the last 64 transactions, so that a writer whose connection broke can ask.

Costs: a small transaction is two requests (three when another machine wrote in between), a look at something new one
request for the head and one for each segment on the way (two or three among a million entries; known segments stay in
memory). About every 64 KiB of changes go into segments, one request for each that they fall into. No transaction
reads or writes the whole store; ``check`` and ``scrub`` do.

Limits: 20 to 70 transactions in a second for all writers together, so batch what comes often. A transaction longer
than ``LEASE`` can lose its place to a waiting writer and is then refused. One that reads for more than five minutes,
or while the store is scrubbed, may be refused because its segments are gone; replaced segments are removed five
minutes later by a writer, and what dead writers left by ``scrub``. In a bucket with versioning ``scrub`` removes old
versions too. The server must honour If-Match and If-None-Match, which is tried before the first write.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager

import msgspec

from anvcs.errors import (
    AnvcsError,
    CorruptStoreError,
    LockedError,
    OutcomeUnknownError,
    StoreError,
    StoreUnreachableError,
)
from anvcs.storage.bucket import Address, Bucket, UnansweredError, UnchangedError, Version
from anvcs.storage.protocol import Versions
from anvcs.storage.s3_transaction import (
    SEGMENTS,
    TOKENS,
    Head,
    Remote,
    S3Transaction,
    decode_head,
    encode_head,
    number_of,
)
from anvcs.storage.segments import Node

HEAD = "head"
"""The object that is moved by compare-and-swap."""
PATIENCE = 45.0
"""Seconds to wait for another writer; longer than ``LEASE``, so that a dead one's place can be taken."""
LEASE = 30.0
"""Seconds after which a writer that shows no sign of life has lost its place."""
RETURN = 10.0
"""Seconds to ask again whether a commit without an answer happened."""


class S3Store:
    """A store in a folder of a bucket; several threads, processes and machines may have it open."""

    def __init__(self, address: Address) -> None:
        self.place = f"The team store in {address}"
        self._lock = threading.RLock()
        self._current: S3Transaction | None = None
        self._bucket = Bucket(address)
        self._cache: OrderedDict[str, Node] = OrderedDict()
        self._head: tuple[Head, str] | None = None
        self._tried = False
        try:
            self._open()
        except BaseException:
            self._bucket.close()
            raise

    @property
    def versions(self) -> Versions:
        """What the store says about itself now."""
        with self._held():
            return (self._current.head if self._current else self._look()[0]).versions

    @contextmanager
    def read(self) -> Generator[S3Transaction]:
        """A reading transaction. Raises StoreUnreachableError too."""
        with self._held():
            if self._current is not None:
                yield self._current
                return
            head, _ = self._look()
            head.versions.check_reader(self.place)
            with self._running(S3Transaction(self._segments(head), head, writes=False)) as transaction:
                yield transaction

    @contextmanager
    def write(self, *, durable: bool = True) -> Generator[S3Transaction]:  # noqa: ARG002 - what is answered is durable
        """A writing transaction. Raises StoreUnreachableError (it did not happen) and OutcomeUnknownError too."""
        with self._held():
            if self._current is not None:
                raise RuntimeError("a writing transaction cannot begin inside another transaction")
            head, tag = self._acquire()
            try:
                with self._running(S3Transaction(self._segments(head), head, writes=True)) as transaction:
                    yield transaction
                following = transaction.following() if transaction.changes else None
            except BaseException:
                self._release(head, tag)
                raise
            if following is None:
                self._release(head, tag)
                return
            self._commit(transaction, following, tag)

    def happened(self, token: bytes) -> bool:
        """Whether the transaction of an OutcomeUnknownError took place. Raises it again where nobody can know."""
        with self._held():
            while True:
                head, tag = self._look()
                if token in head.tokens:
                    return True
                if head.holder == token:
                    # A commit that is still on its way must not arrive later.
                    self._swap(msgspec.structs.replace(head, holder=b""), tag)
                    continue
                if int.from_bytes(token[:8], "big") + TOKENS < head.number:
                    raise self._unknown(token)
                return False

    def scrub(self) -> None:
        """Remove every segment and old version that the store does not need, whatever left them behind."""
        with self._held():
            head, tag = self._acquire()
            try:
                with self._running(S3Transaction(self._segments(head), head, writes=True)) as transaction:
                    following = transaction.following(scrub=True)
            except BaseException:
                self._release(head, tag)
                raise
            self._commit(transaction, following, tag)
            live = set(self._segments(following).live(following))
            self._bucket.delete_versions(
                version for version in self._bucket.versions() if self._is_garbage(version, following.number, live)
            )

    @staticmethod
    def _is_garbage(version: Version, number: int, live: set[str]) -> bool:
        """Whether a head, which needs these objects, and all later ones can do without a version of an object."""
        if version.name == HEAD:
            return not version.latest
        # Only writers of earlier heads wrote earlier numbers, and no such writer can commit any more.
        return version.name not in live and number_of(version.name, unknown=number) < number

    def check(self) -> list[str]:
        """What is wrong with the store."""
        try:
            with self.read() as transaction:
                return [f"{self.place}: {problem}." for problem in transaction.problems()]
        except AnvcsError as error:
            return [error.message]

    def close(self) -> None:
        """Let go of connections."""
        with self._held():
            self._bucket.close()

    def _open(self) -> None:
        if self._bucket.get(HEAD) is None:
            if not self._bucket.is_empty(SEGMENTS) and self._bucket.get(HEAD) is None:
                raise CorruptStoreError(
                    f"{self.place} has segments, but no head.", "Restore the object head, or name another prefix."
                )
            self._try_conditions()
            first = Versions()
            head = Head(format=first.format, min_reader=first.min_reader, min_writer=first.min_writer)
            self._bucket.add(HEAD, encode_head(head))
        self._look()[0].versions.check_reader(self.place)

    def _try_conditions(self) -> None:
        if not self._tried:
            self._bucket.check_conditions(f"trial-{secrets.token_hex(8)}")
            self._tried = True

    def _look(self) -> tuple[Head, str]:
        """The head now, and its entity tag."""
        known = self._head
        try:
            found = self._bucket.get(HEAD, known[1] if known else None)
        except UnchangedError:
            assert known is not None  # noqa: S101 - nothing else was asked for
            return known
        if found is None:
            raise CorruptStoreError(f"{self.place} has lost its head.", "Restore the object head from a backup.")
        try:
            self._head = (decode_head(found[0]), found[1])
        except msgspec.MsgspecError as error:
            raise CorruptStoreError(
                f"{self.place} has a head that is not ours: {error}.", "Name another bucket or prefix."
            ) from None
        return self._head

    def _swap(self, head: Head, tag: str) -> str | None:
        """Move the head; gives its new tag, or nothing if it is another's by now."""
        head = msgspec.structs.replace(head, stamp=secrets.token_bytes(8))
        self._head = None
        moved = self._bucket.swap(HEAD, encode_head(head), tag)
        if moved is not None:
            self._head = (head, moved)
        return moved

    def _acquire(self) -> tuple[Head, str]:
        """Become the writer; the head with our token, and its tag."""
        begun = since = time.monotonic()
        head, tag = self._head or self._look()
        while True:
            head.versions.check_writer(self.place)
            self._try_conditions()
            if not head.holder or time.monotonic() - since > LEASE:
                held = self._take(head, tag)
                if held is not None:
                    return held
            else:
                time.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - spreading needs no secrecy
            if time.monotonic() - begun > PATIENCE:
                raise LockedError(f"{self.place} is in use by another writer.", "Wait for it, then try again.")
            before = tag
            head, tag = self._look()
            since = since if tag == before else time.monotonic()

    def _take(self, head: Head, tag: str) -> tuple[Head, str] | None:
        """Write our token into the head, unless it is another head by now."""
        token = head.number.to_bytes(8, "big") + secrets.token_bytes(8)
        try:
            self._swap(msgspec.structs.replace(head, holder=token), tag)
        except UnansweredError as error:
            if not error.sent:
                raise
        now = self._head or self._look()
        return now if now[0].holder == token else None

    def _release(self, head: Head, tag: str) -> None:
        """Stop being the writer, with nothing changed; one that cannot say so is waited for by the others."""
        try:
            self._swap(msgspec.structs.replace(head, holder=b""), tag)
        except StoreError:
            self._head = None

    def _commit(self, transaction: S3Transaction, following: Head, tag: str) -> None:
        """Move the head; raises unless it is certain that it moved."""
        token = transaction.head.holder
        deadline = time.monotonic() + RETURN
        unsent = True
        while True:
            try:
                if self._moved(token, following, tag):
                    break
                if time.monotonic() > deadline:
                    raise self._unknown(token)
            except StoreUnreachableError as error:
                unsent = unsent and isinstance(error, UnansweredError) and not error.sent
                if time.monotonic() > deadline:
                    raise self._undone(error) if unsent else self._unknown(token) from error
            time.sleep(random.uniform(0.02, 0.1))  # noqa: S311 - see above
        self._forget(transaction)

    def _moved(self, token: bytes, following: Head, tag: str) -> bool:
        """Whether the head moved, by this try or an earlier one; raises where it never will."""
        if self._swap(following, tag) is not None:
            return True
        head, now = self._look()
        if token not in head.tokens and now != tag:
            raise LockedError(
                f"{self.place} was taken over by another writer, because this one took longer than {LEASE:.0f} s;"
                " nothing was changed.",
                "Try again, with less at once.",
            )
        return token in head.tokens

    def _forget(self, transaction: S3Transaction) -> None:
        try:
            self._bucket.delete_all(transaction.segments.expired)
        except StoreError:
            # They are garbage by now, which scrub removes.
            return

    @staticmethod
    def _undone(error: StoreUnreachableError) -> StoreUnreachableError:
        return StoreUnreachableError(f"{error.message.rstrip('.')}; nothing was changed.", error.way_out)

    def _unknown(self, token: bytes) -> OutcomeUnknownError:
        return OutcomeUnknownError(
            f"{self.place} did not answer while saving; whether it was saved is not known yet.",
            "When the server answers again, ask the store about this transaction before you repeat it.",
            token=token,
        )

    def _segments(self, head: Head) -> Remote:
        return Remote(self._bucket, self._cache, head, self.place)

    @contextmanager
    def _running(self, transaction: S3Transaction) -> Generator[S3Transaction]:
        self._current = transaction
        try:
            yield transaction
        finally:
            self._current = None
            transaction.ended = True

    @contextmanager
    def _held(self) -> Generator[None]:
        if not self._lock.acquire(timeout=PATIENCE):
            raise LockedError(f"{self.place} is busy.", "Another thread has held it for too long; try again.")
        try:
            yield
        finally:
            self._lock.release()
