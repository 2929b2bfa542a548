"""Views: canonical, persistent, and cheap to change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.errors import CorruptStoreError
from anvcs.history import views
from anvcs.history.views import EMPTY_ROOT, KIND, View
from anvcs.storage.memory import MemoryStore

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "protocol" / "vectors" / "views.json").read_text(encoding="utf-8")
)

NAMES = st.integers(0, 60).map("refs/heads/{}".format)
CHANGES = st.dictionaries(NAMES, st.none() | st.sampled_from("xyz"), max_size=40)


def streams(count: int) -> dict[str, str | None]:
    return {f"refs/heads/stream-{n}": f"{n:040x}" for n in range(count)}


def made(store: MemoryStore, *steps: Mapping[str, str | None]) -> View:
    """The view after some changes, to be read after the transaction too."""
    with store.write() as tx:
        view = views.empty()
        for changes in steps:
            view = view.with_changes(tx, changes)
    return View(view.root, lambda node: store.objects.get((KIND, node)))


@pytest.mark.promise("ids.vectors")
@pytest.mark.parametrize("case", VECTORS["views"], ids=lambda case: case["name"])
def test_a_view_has_its_published_root_and_nodes(case: dict[str, Any]) -> None:
    store = MemoryStore()
    view = made(store, case["entries"])
    assert view.root.hex() == case["root"]
    assert {key.hex(): value.hex() for (_, key), value in store.objects.items()} == case["nodes"]
    assert view.items() == case["entries"]


@pytest.mark.promise("ids.vectors")
@pytest.mark.parametrize("case", VECTORS["large"]["views"], ids=lambda case: case["count"])
def test_a_large_view_has_its_published_root(case: dict[str, Any]) -> None:
    view = made(MemoryStore(), streams(case["count"]))
    assert view.root.hex() == case["root"]


@pytest.mark.promise("views.canonical")
@given(st.lists(CHANGES, max_size=6))
def test_content_alone_decides_the_root(steps: list[dict[str, str | None]]) -> None:
    content: dict[str, str] = {}
    for changes in steps:
        for name, value in changes.items():
            if value is None:
                content.pop(name, None)
            else:
                content[name] = value
    one_by_one = made(MemoryStore(), *steps)
    at_once = made(MemoryStore(), content)
    backwards = made(MemoryStore(), *({name: value} for name, value in reversed(content.items())))
    assert one_by_one.root == at_once.root == backwards.root
    assert one_by_one.items() == dict(sorted(content.items()))
    assert all(one_by_one.get(f"refs/heads/{n}") == content.get(f"refs/heads/{n}") for n in range(61))


@given(CHANGES, CHANGES)
def test_a_difference_is_what_makes_one_view_of_the_other(
    first: dict[str, str | None], second: dict[str, str | None]
) -> None:
    store = MemoryStore()
    ours, theirs = made(store, first), made(store, first, second)
    difference = ours.diff(theirs)
    mine, yours = ours.items(), theirs.items()
    assert difference == {
        name: (mine.get(name), yours.get(name))
        for name in sorted(mine.keys() | yours.keys())
        if mine.get(name) != yours.get(name)
    }
    assert list(difference) == sorted(difference)
    patched = made(store, first, {name: new for name, (_, new) in difference.items()})
    assert patched.root == theirs.root
    assert theirs.diff(ours) == {name: (new, old) for name, (old, new) in difference.items()}


def test_another_content_has_another_root() -> None:
    base = streams(40)
    roots = {made(MemoryStore(), base, {name: "other"}).root for name in base}
    roots |= {made(MemoryStore(), base, {name: None}).root for name in base}
    assert len(roots) == 80


@pytest.mark.promise("views.canonical")
def test_taking_names_out_leads_back_to_the_same_roots() -> None:
    store = MemoryStore()
    small = made(store, streams(16))
    grown = made(store, streams(16), streams(5000))
    assert (
        made(store, streams(5000), {name: None for name in streams(5000) if name not in streams(16)}).root == small.root
    )
    assert grown.root != small.root
    assert made(store, streams(5000), dict.fromkeys(streams(5000))).root == EMPTY_ROOT


def test_the_empty_view_needs_no_store() -> None:
    view = views.empty()
    assert view.items() == {}
    assert view.get("anything") is None
    assert made(MemoryStore(), {}).root == EMPTY_ROOT
    assert made(MemoryStore(), {"a": None}).root == EMPTY_ROOT


@pytest.mark.promise("views.small-copies")
def test_one_change_writes_about_as_many_nodes_among_10000_names_as_among_ten() -> None:
    written: dict[int, int] = {}
    for count in (10, 10_000):
        store = MemoryStore()
        view = made(store, streams(count))
        before = len(store.objects)
        with store.write() as tx:
            views.load(tx, view.root).with_changes(tx, {"refs/heads/stream-7": "moved"})
        written[count] = len(store.objects) - before
    assert written[10] == 1
    assert written[10_000] <= 5


def test_nothing_is_written_where_nothing_changes() -> None:
    store = MemoryStore()
    view = made(store, streams(300))
    before = dict(store.objects)
    with store.write() as tx:
        same = views.load(tx, view.root).with_changes(tx, {"refs/heads/stream-7": f"{7:040x}", "absent": None})
    assert same.root == view.root
    assert store.objects == before


def test_a_difference_reads_only_what_differs() -> None:
    store = MemoryStore()
    ours, theirs = made(store, streams(10_000)), made(store, streams(10_000), {"refs/heads/stream-7": "moved"})
    read: list[bytes] = []

    def counting(node: bytes) -> bytes | None:
        read.append(node)
        return store.objects.get((KIND, node))

    assert View(ours.root, counting).diff(View(theirs.root, counting)) == {
        "refs/heads/stream-7": (f"{7:040x}", "moved")
    }
    assert len(read) <= 10


def test_a_missing_or_changed_node_is_found() -> None:
    store = MemoryStore()
    view = made(store, streams(300))
    store.objects[KIND, view.root] = store.objects[KIND, view.root][:-1] + b"\x00"
    with pytest.raises(CorruptStoreError, match="missing or damaged"):
        view.get("refs/heads/stream-7")
    del store.objects[KIND, view.root]
    with pytest.raises(CorruptStoreError, match="missing or damaged"):
        view.items()
