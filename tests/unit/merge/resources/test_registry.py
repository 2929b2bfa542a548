"""Ids of resources that survive renames and moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.errors import CorruptStoreError
from anvcs.merge.resources.likeness import Likeness
from anvcs.merge.resources.matching import follow
from anvcs.merge.resources.model import Key, Kind, Outline
from anvcs.merge.resources.registry import Change, Registry, decode
from tests.unit.merge.resources.programs import Program, read
from tests.unit.merge.resources.test_matching import BODY, OTHER

Version = Mapping[str, str]


def change(before: Version, after: Version, name: str) -> Change:
    old, new = ([read(path, text) for path, text in version.items()] for version in (before, after))
    likeness = Likeness(Program(before).text, Program(after).text)
    return Change(name, keys(old), keys(new), follow(old, new, likeness))


def keys(outlines: Iterable[Outline]) -> list[Key]:
    return [each.key for outline in outlines for each in outline.resources]


def through(*versions: Version) -> Registry:
    registry = Registry()
    for at in range(1, len(versions)):
        registry = registry.after(change(versions[at - 1], versions[at], f"v{at}"))
    return registry


def key(path: str, name: str) -> Key:
    return Key(path, "function", name)


F = f"def f(path):\n{BODY}"
G = f"def g(path):\n{BODY}"


def test_a_renamed_function_keeps_its_id() -> None:
    registry = through({"a.py": F}, {"a.py": G})
    assert registry.id_of(key("a.py", "g")) == Registry().id_of(key("a.py", "f"))


@pytest.mark.promise("resources.ids")
def test_a_moved_and_later_renamed_function_keeps_its_id() -> None:
    registry = through({"a.py": F, "b.py": ""}, {"a.py": "", "b.py": F}, {"a.py": "", "b.py": G})
    assert registry.id_of(key("b.py", "g")) == Registry().id_of(key("a.py", "f"))


CLASS = """\
class Store:
    def get(self, key):
        row = self.db.find(key)
        return row.value

    def put(self, key, value):
        self.db.write(key, value)
"""
TABLE = "CREATE TABLE users (\n  id INT PRIMARY KEY,\n  email TEXT NOT NULL,\n  made TIMESTAMP\n);\n"
SETTINGS = "server:\n  host: localhost\n  timeout_seconds: 30\n  tls:\n    key: a.pem\n"
TOGETHER = f"class Other:\n    def each(self):\n        return [self.one(at) for at in self.places()]\n\n\n{CLASS}"
KINDS: dict[str, tuple[str, tuple[tuple[str, str], ...], tuple[tuple[Kind, str, str], ...]]] = {
    "classes": (
        ".py",
        ((CLASS, CLASS.replace("Store", "Shelf")), (TOGETHER, TOGETHER.replace("r:", "rs:").replace("Store", "Shelf"))),
        (("class", "Store", "Shelf"), ("method", "Store.get", "Shelf.get")),
    ),
    "tables": (
        ".sql",
        ((TABLE, TABLE.replace("users", "people").replace("email", "mail")),),
        (("table", "users", "people"), ("column", "users.email", "people.mail"), ("column", "users.id", "people.id")),
    ),
    "settings": (
        ".yaml",
        ((SETTINGS, SETTINGS.replace("server", "service").replace("tls", "https")),),
        (
            ("key", "server", "service"),
            ("key", "server.timeout_seconds", "service.timeout_seconds"),
            ("key", "server.tls", "service.https"),
            ("key", "server.tls.key", "service.https.key"),
        ),
    ),
}


@pytest.mark.promise("resources.ids")
@pytest.mark.parametrize("kind", KINDS)
def test_classes_keys_and_tables_keep_their_ids_through_renames_and_moves(kind: str) -> None:
    end, versions, names = KINDS[kind]
    here, there = "a" + end, "b" + end
    for before, after in versions:
        renamed = through({here: before, there: ""}, {here: after, there: ""})
        moved = through({here: before, there: ""}, {here: after, there: ""}, {here: "", there: after})
        for what, old, new in names:
            first = Registry().id_of(Key(here, what, old))
            assert renamed.id_of(Key(here, what, new)) == first, (old, new)
            assert moved.id_of(Key(there, what, new)) == first, (old, new)


def test_a_new_section_that_took_little_of_an_old_one_has_an_id_of_its_own() -> None:
    before = {"a.yaml": SETTINGS}
    after = {"a.yaml": "other:\n  timeout_seconds: 30\n  a: 1\n  b: 2\n  c: 3\n"}
    registry = through(before, after)
    assert registry.id_of(Key("a.yaml", "key", "other")) != Registry().id_of(Key("a.yaml", "key", "server"))


def test_a_new_function_in_the_place_of_a_renamed_one_has_an_id_of_its_own() -> None:
    both = f"{G}\n\ndef f():\n{OTHER}"
    registry = through({"a.py": F}, {"a.py": G}, {"a.py": both})
    assert registry.id_of(key("a.py", "f")) != registry.id_of(key("a.py", "g"))
    assert registry.id_of(key("a.py", "g")) == Registry().id_of(key("a.py", "f"))


def test_what_stays_in_its_place_costs_nothing() -> None:
    assert through({"a.py": F}, {"a.py": F.replace("None", "0")}) == Registry()


def test_an_id_comes_back_with_what_comes_back() -> None:
    assert through({"a.py": F}, {"a.py": ""}, {"a.py": F}) == Registry()
    back = through({"a.py": F}, {"a.py": G}, {"a.py": F})
    assert back == Registry()


def test_what_came_with_another_parent_keeps_its_id() -> None:
    base: Version = {"a.py": ""}
    there = through(base, {"a.py": "", "b.py": F}, {"a.py": "", "b.py": G})
    merge = change(base, {"a.py": "x = 1\n", "b.py": G}, "merge")
    assert Registry().after(merge, (there,)).id_of(key("b.py", "g")) == there.id_of(key("b.py", "g"))


def test_an_id_of_another_parent_is_not_taken_while_its_first_bearer_stands() -> None:
    base: Version = {"a.py": F}
    there = through(base, {"a.py": "", "b.py": F})
    merge = change(base, {"a.py": F, "b.py": F}, "merge")
    registry = Registry().after(merge, (there,), lambda each: each.path == "a.py")
    assert registry.id_of(key("a.py", "f")) != registry.id_of(key("b.py", "f"))


def test_a_registry_is_stored_and_read_back() -> None:
    registry = through({"a.py": F}, {"a.py": G})
    assert decode(registry.encode()) == registry


@pytest.mark.parametrize("data", [b"", b"\x81\x01", b"nonsense"])
def test_what_is_no_registry_is_refused(data: bytes) -> None:
    with pytest.raises(CorruptStoreError):
        decode(data)


BODIES = st.sampled_from([BODY, OTHER, "    return 1\n"])
TEXTS = st.dictionaries(st.sampled_from("fgh"), BODIES, max_size=3).map(
    lambda each: "\n".join(f"def {name}(path):\n{body}" for name, body in each.items())
)
VERSIONS = st.fixed_dictionaries({"a.py": TEXTS, "b.py": TEXTS})


@given(st.lists(VERSIONS, min_size=1, max_size=5))
def test_in_no_version_two_resources_have_one_id(versions: list[dict[str, str]]) -> None:
    registry = through(*versions)
    every = keys(read(path, text) for path, text in versions[-1].items())
    assert len({registry.id_of(each) for each in every}) == len(every)
    assert decode(registry.encode()) == registry
    assert registry == through(*versions)
