"""What the S3 store's head says, and a transaction over it: an ordered map in segments, and the changes to it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice

import msgspec
from blake3 import blake3

from anvcs.errors import CorruptStoreError, StoreError
from anvcs.storage import segments
from anvcs.storage.bucket import Bucket
from anvcs.storage.protocol import Versions, object_conflict, swap_conflict
from anvcs.storage.segments import Change, Inner, Leaf, Node, Ref, Value

GRACE = 300.0
"""Seconds that replaced segments stay for those who still read them."""
BUFFER = 64 * 1024
"""Bytes of changes that the head itself holds."""
INLINE = 4096
"""Larger values are segments of their own."""
CACHED = 1024
"""Segments kept in memory."""
TOKENS = 64
"""How many transactions back a head remembers."""
SEGMENTS = "segments/"
"""Where segments are, in the store's folder."""


class Retired(msgspec.Struct, frozen=True, array_like=True):
    """Segments that are not needed since a time of the server."""

    at: float
    names: Ref
    """The segment that holds their names."""


class Head(msgspec.Struct, frozen=True, kw_only=True, tag="anvcs store"):
    """The one object that changes."""

    format: int
    min_reader: int
    min_writer: int
    number: int = 0
    """How many transactions there were."""
    stamp: bytes = b""
    """Random, so that no two heads have one entity tag."""
    holder: bytes = b""
    """The token of the writer at work."""
    root: Ref | None = None
    recent: tuple[Change, ...] = ()
    """Changes that are not in the segments yet, in order of keys."""
    tokens: tuple[bytes, ...] = ()
    """The last transactions, newest last."""
    retired: tuple[Retired, ...] = ()

    @property
    def versions(self) -> Versions:
        """What the store says about itself."""
        return Versions(self.format, self.min_reader, self.min_writer)


_NODES: msgspec.msgpack.Decoder[Node] = msgspec.msgpack.Decoder(Leaf | Inner)
_NAMES = msgspec.msgpack.Decoder(tuple[str, ...])
_encode = msgspec.msgpack.Encoder().encode


def encode_head(head: Head) -> bytes:
    """A head as it is stored."""
    return _encode(head)


def decode_head(content: bytes) -> Head:
    """The head that was stored. Raises msgspec.MsgspecError."""
    return msgspec.msgpack.decode(content, type=Head)


class Remote:
    """The segments of a bucket as one transaction sees and extends them."""

    def __init__(self, bucket: Bucket, cache: OrderedDict[str, Node], head: Head, place: str) -> None:
        self._bucket = bucket
        self._cache = cache
        self._prefix = f"{head.number:x}-{head.holder[-8:].hex()}"
        self._new: dict[str, bytes] = {}
        self._made = 0
        self._retired: list[str] = []
        self.expired: list[str] = []
        """Segments that can be removed once the transaction is committed."""
        self._place = place

    def node(self, ref: Ref) -> Node:
        """The node. Raises CorruptStoreError."""
        cached = self._cache.get(ref.name)
        if cached is None:
            try:
                cached = _NODES.decode(self.content(ref))
            except msgspec.MsgspecError as error:
                raise CorruptStoreError(f"{self._place} has a damaged segment {ref.name}: {error}.", _RESTORE) from None
            self._remember(ref, cached)
        else:
            self._cache.move_to_end(ref.name)
        return cached

    def content(self, ref: Ref) -> bytes:
        """A segment's bytes. Raises CorruptStoreError."""
        new = self._new.get(ref.name)
        if new is not None:
            return new
        found = self._bucket.get(SEGMENTS + ref.name)
        if found is None:
            raise StoreError(
                f"{self._place} no longer has the segment {ref.name}, which this transaction wants to read.",
                "Try again; if that does not help, run ai-vcs doctor.",
            )
        if blake3(found[0]).digest() != ref.digest:
            raise CorruptStoreError(f"{self._place} has a damaged segment {ref.name}.", _RESTORE)
        return found[0]

    def keep(self, node: Node) -> Ref:
        """Keep a new node."""
        ref = self.keep_content(_encode(node))
        self._remember(ref, node)
        return ref

    def keep_content(self, content: bytes) -> Ref:
        """Keep a new segment, sent by ``send``."""
        self._made += 1
        ref = Ref(f"{self._prefix}-{self._made:x}", blake3(content).digest())
        self._new[ref.name] = content
        return ref

    def retire(self, ref: Ref) -> None:
        """Note that the new head does not need a segment."""
        if self._new.pop(ref.name, None) is None:
            self._retired.append(ref.name)

    @property
    def has_retired(self) -> bool:
        """Whether there are segments that the new head does not need."""
        return bool(self._retired)

    def expire(self, retired: tuple[Retired, ...], *, everything: bool) -> tuple[Retired, ...]:
        """What the next head must say of segments that nobody needs, those just retired included."""
        now = self._bucket.server_time
        due = [entry for entry in retired if everything or entry.at < now - GRACE]
        for entry in due:
            self.expired += [SEGMENTS + name for name in (*_NAMES.decode(self.content(entry.names)), entry.names.name)]
        kept = tuple(entry for entry in retired if entry not in due)
        if self._retired:
            kept += (Retired(now, self.keep_content(_encode(self._retired))),)
        return kept

    def send(self) -> None:
        """Write what is new, before the head names it."""
        self._bucket.add_all({SEGMENTS + name: content for name, content in self._new.items()})

    def live(self, head: Head) -> Iterator[str]:
        """The names of all objects that a head needs."""
        for entry in head.retired:
            yield SEGMENTS + entry.names.name
        for _, value in head.recent:
            if isinstance(value, Ref):
                yield SEGMENTS + value.name
        for ref, node in segments.walk(self, head.root):
            yield SEGMENTS + ref.name
            if isinstance(node, Leaf):
                yield from (SEGMENTS + value.name for _, value in node.entries if isinstance(value, Ref))

    def _remember(self, ref: Ref, node: Node) -> None:
        self._cache[ref.name] = node
        while len(self._cache) > CACHED:
            self._cache.popitem(last=False)


_RESTORE = "Restore the bucket from a backup, or name another prefix; every clone still has its own history."


def number_of(name: str, unknown: int) -> int:
    """The number of the head under which an object was written, where its name is a segment's."""
    try:
        return int(name.removeprefix(SEGMENTS).split("-")[0], 16) if name.startswith(SEGMENTS) else unknown
    except ValueError:
        return unknown


def _object(kind: str, key: bytes) -> bytes:
    return b"o" + len(kind.encode()).to_bytes(4, "big") + kind.encode() + key


def _log(log: str) -> bytes:
    return b"l" + len(log.encode()).to_bytes(4, "big") + log.encode()


class S3Transaction:
    """A transaction of an S3Store: changes are kept in memory until it is committed."""

    def __init__(self, remote: Remote, head: Head, *, writes: bool) -> None:
        self.segments = remote
        self.head = head
        self.changes: dict[bytes, bytes | None] = {}
        self.ended = False
        self._writes = writes
        self._recent = dict(head.recent)
        self._last: dict[str, int] = {}

    def get(self, kind: str, key: bytes) -> bytes | None:
        """The object, if it is there."""
        return self._find(_object(kind, key))

    def ref(self, name: str) -> bytes | None:
        """A ref's value, if it is set."""
        return self._find(b"r" + name.encode())

    def refs(self, prefix: str = "") -> dict[str, bytes]:
        """Every ref whose name starts with the prefix, in order of names."""
        # Names are UTF-8, whose order is that of characters and in which 0xff occurs nowhere.
        low = b"r" + prefix.encode()
        return {key[1:].decode(): value for key, value in self._scan(low, low + b"\xff")}

    def entries(
        self, log: str, after: int = 0, limit: int | None = None, *, backwards: bool = False
    ) -> list[tuple[int, bytes]]:
        """A log's entries with their sequences."""
        low = high = _log(log)
        if backwards:
            high += after.to_bytes(8, "big") if after else b"\xff"
        else:
            low += (after + 1).to_bytes(8, "big")
            high += b"\xff"
        found = islice(self._scan(low, high, backwards=backwards), limit)
        return [(int.from_bytes(key[-8:], "big"), value) for key, value in found]

    def last(self, log: str) -> int:
        """The sequence of a log's newest entry."""
        if log not in self._last:
            found = self._scan(_log(log), _log(log) + b"\xff", backwards=True)
            self._last[log] = next((int.from_bytes(key[-8:], "big") for key, _ in found), 0)
        self._alive()
        return self._last[log]

    def put(self, kind: str, key: bytes, value: bytes) -> None:
        """Keep an object."""
        self._writable()
        known = self.get(kind, key)
        if known is None:
            self.changes[_object(kind, key)] = value
        elif known != value:
            raise object_conflict(kind, key)

    def delete(self, kind: str, key: bytes) -> None:
        """Forget an object, if it is there."""
        self._writable()
        if self.get(kind, key) is not None:
            self.changes[_object(kind, key)] = None

    def swap(self, name: str, old: bytes | None, new: bytes | None) -> None:
        """Set a ref if its value is ``old``."""
        self._writable()
        if self.ref(name) != old:
            raise swap_conflict(name)
        if new != old:
            self.changes[b"r" + name.encode()] = new

    def append(self, log: str, value: bytes) -> int:
        """Add an entry to a log and give its sequence."""
        self._writable()
        self._last[log] = self.last(log) + 1
        self.changes[_log(log) + self._last[log].to_bytes(8, "big")] = value
        return self._last[log]

    def following(self, *, scrub: bool = False) -> Head:
        """The head after this transaction, with all that it names sent."""
        remote, root, retired = self.segments, self.head.root, self.head.retired
        recent = dict(self._recent)
        for key, value in self.changes.items():
            old = recent.get(key)
            if isinstance(old, Ref):
                remote.retire(old)
            recent[key] = value if value is None or len(value) <= INLINE else remote.keep_content(value)
        if scrub or sum(segments.size(*change) for change in recent.items()) > BUFFER:
            root = segments.apply(remote, root, sorted(recent.items())) if recent else root
            recent = {}
        if not recent or remote.has_retired:
            retired = remote.expire(retired, everything=scrub)
        remote.send()
        return msgspec.structs.replace(
            self.head,
            number=self.head.number + 1,
            holder=b"",
            root=root,
            recent=tuple(sorted(recent.items())),
            tokens=(*self.head.tokens[1 - TOKENS :], self.head.holder),
            retired=retired,
        )

    def problems(self) -> Iterator[str]:
        """What is wrong, as far as this moment's content shows it; reads everything."""
        before, log, sequence = b"", b"", 0
        for key, _ in self._scan(b"", b"\xff"):
            if key <= before:
                yield f"the key {key.hex()} is out of order"
            if key.startswith(b"l"):
                expected = sequence + 1 if key[:-8] == log else 1
                log, sequence = key[:-8], int.from_bytes(key[-8:], "big")
                if sequence != expected:
                    yield f"the log {log[5:].decode(errors='replace')} lacks entries before {sequence}"
            before = key

    def _find(self, key: bytes) -> bytes | None:
        self._alive()
        if key in self.changes:
            return self.changes[key]
        found = self._recent[key] if key in self._recent else segments.find(self.segments, self.head.root, key)
        return self._whole(found)

    def _scan(self, low: bytes, high: bytes, *, backwards: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """Entries in order, latest changes included."""
        self._alive()
        latest = self._recent | self.changes
        keys = sorted((key for key in latest if low <= key < high), reverse=backwards)
        at = 0
        for key, value in segments.scan(self.segments, self.head.root, low, high, backwards=backwards):
            while at < len(keys) and (keys[at] > key if backwards else keys[at] < key):
                yield from self._entry(keys[at], latest[keys[at]])
                at += 1
            if key not in latest:
                yield from self._entry(key, value)
        for key in keys[at:]:
            yield from self._entry(key, latest[key])

    def _entry(self, key: bytes, value: Value | None) -> Iterator[tuple[bytes, bytes]]:
        whole = self._whole(value)
        if whole is not None:
            yield key, whole

    def _whole(self, value: Value | None) -> bytes | None:
        return self.segments.content(value) if isinstance(value, Ref) else value

    def _alive(self) -> None:
        if self.ended:
            raise RuntimeError("the transaction has ended")

    def _writable(self) -> None:
        self._alive()
        if not self._writes:
            raise RuntimeError("a reading transaction cannot write")
