"""The map in segments against a dictionary: equal answers, every root one moment, nothing kept or lost wrongly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs.storage import segments
from anvcs.storage.segments import Inner, Node, Ref, Value, apply, find, scan, walk


class Shelf:
    """Segments in memory."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.retired: list[str] = []
        self.reads = 0

    def node(self, ref: Ref) -> Node:
        """The node."""
        self.reads += 1
        return self.nodes[ref.name]

    def keep(self, node: Node) -> Ref:
        """Keep a new node."""
        ref = Ref(str(len(self.nodes)), b"")
        self.nodes[ref.name] = node
        return ref

    def retire(self, ref: Ref) -> None:
        """Note that it is not needed."""
        self.retired.append(ref.name)


KEYS = st.binary(min_size=1, max_size=2)
CHANGES = st.dictionaries(KEYS, st.none() | st.binary(max_size=3), max_size=40)


@given(st.lists(CHANGES, max_size=6), KEYS, KEYS)
@settings(max_examples=150, deadline=None)
def test_it_answers_as_a_dictionary_does(batches: list[dict[bytes, bytes | None]], low: bytes, high: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "NODE_BYTES", 60)
        shelf, root = Shelf(), None
        model: dict[bytes, bytes] = {}
        moments: list[tuple[Ref | None, dict[bytes, bytes]]] = []
        for batch in batches:
            root = apply(shelf, root, sorted(batch.items()))
            changed: dict[bytes, bytes | None] = {**model, **batch}
            model = {key: value for key, value in changed.items() if value is not None}
            moments.append((root, model))
        for then, expected in moments:
            ordered: list[tuple[bytes, Value]] = [(key, expected[key]) for key in sorted(expected)]
            assert list(scan(shelf, then, b"", b"\xff" * 3)) == ordered
            assert list(scan(shelf, then, b"", b"\xff" * 3, backwards=True)) == ordered[::-1]
            part = [entry for entry in ordered if low <= entry[0] < high]
            assert list(scan(shelf, then, low, high)) == part
            assert list(scan(shelf, then, low, high, backwards=True)) == part[::-1]
            assert all(find(shelf, then, key) == value for key, value in ordered)
            assert find(shelf, then, low) == expected.get(low)
        live = {ref.name for ref, _ in walk(shelf, root)}
        assert live.isdisjoint(shelf.retired)
        assert live | set(shelf.retired) == set(shelf.nodes)


def test_a_large_map_is_shallow_and_a_change_to_it_small() -> None:
    shelf = Shelf()
    root = apply(shelf, None, [(b"%08d" % number, b"x" * 400) for number in range(50_000)])
    before = len(shelf.nodes)
    shelf.reads = 0
    assert find(shelf, root, b"%08d" % 31_415) == b"x" * 400
    assert shelf.reads == 3
    shelf.reads = 0
    root = apply(shelf, root, [(b"%08d" % 31_415, b"y"), (b"%08d" % 60_000, b"new")])
    assert len(shelf.nodes) - before <= 6
    assert shelf.reads <= 7
    assert root is not None
    assert isinstance(shelf.nodes[root.name], Inner)
    assert next(scan(shelf, root, b"", b"\xff", backwards=True)) == (b"%08d" % 60_000, b"new")


def test_removing_everything_leaves_nothing() -> None:
    shelf = Shelf()
    keys = [b"%05d" % number for number in range(5000)]
    root = apply(shelf, None, [(key, b"x" * 100) for key in keys])
    assert apply(shelf, root, [(key, None) for key in keys]) is None
    assert apply(shelf, None, []) is None
