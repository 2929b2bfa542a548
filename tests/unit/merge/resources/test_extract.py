"""What is found in one text: resources, what they refer to, and what is imported and exported."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.merge.resources.extract import extract, outline
from anvcs.merge.resources.languages import OURS
from anvcs.merge.resources.model import Reference
from tests.unit.merge.resources.programs import one, read

SAMPLES = Path(__file__).parent / "samples"


def written(references: tuple[Reference, ...]) -> set[str]:
    return {each.written for each in references}


def test_a_text_of_no_known_language_has_no_resources() -> None:
    assert outline("notes.unknown", b"def f(): pass") is None
    assert extract("notes.unknown", b"def f(): pass") == ()


def test_the_first_resource_is_the_module_and_others_follow_in_the_order_of_the_text() -> None:
    text = "LIMIT = 3\n\nclass Basket:\n    size: int = 0\n    def total(self): return 1\n\ndef pay(): pass\n"
    found = [(each.kind, each.qualified) for each in extract("shop.py", text.encode())]
    assert found == [
        ("module", ""),
        ("constant", "LIMIT"),
        ("class", "Basket"),
        ("field", "Basket.size"),
        ("method", "Basket.total"),
        ("function", "pay"),
    ]


def test_a_span_takes_in_decorators_and_tells_bytes_and_lines() -> None:
    text = "import a\n\n@a.b\ndef f():\n    return 1\n"
    span = one("x.py", text, "f").span
    assert text[span.start : span.end] == "@a.b\ndef f():\n    return 1"
    assert (span.line, span.last) == (3, 5)
    place = one("x.py", text, "f").place
    assert (text[place.start : place.end], place.line, one("x.py", text, "f").column) == ("f", 4, 4)


def test_comments_and_layout_change_no_hash() -> None:
    plain = one("x.py", "def f(a, b):\n    return [a, b]\n", "f")
    laid = one("x.py", 'def f(\n    a,\n    b\n):\n    """Says it."""\n    # why\n    return [\n        a, b]\n', "f")
    assert (plain.body, plain.signature) == (laid.body, laid.signature)


def test_white_space_in_a_string_changes_the_body() -> None:
    assert (
        one("x.py", "def f():\n    return 'a b'\n", "f").body != one("x.py", "def f():\n    return 'a  b'\n", "f").body
    )


def test_indentation_changes_the_body_where_it_means_something() -> None:
    inside = one("x.py", "def f(a):\n    if a:\n        g()\n        h()\n", "f")
    behind = one("x.py", "def f(a):\n    if a:\n        g()\n    h()\n", "f")
    assert inside.body != behind.body


def test_a_signature_changes_with_parameters_but_not_with_the_name_or_the_body() -> None:
    first = one("x.py", "def f(a):\n    return a\n", "f")
    assert first.signature == one("x.py", "def g(a):\n    return 2\n", "g").signature
    assert first.signature != one("x.py", "def f(a, b):\n    return a\n", "f").signature
    assert first.body == one("x.py", "def f(a, b):\n    return a\n", "f").body


def test_a_class_does_not_change_with_its_members() -> None:
    first = one("x.ts", "class A extends B { x = 1; f() { return 1 } }", "A")
    second = one("x.ts", "class A extends B { x = 2; y = 3; f() { return 2 } g() {} }", "A")
    assert (first.body, first.signature) == (second.body, second.signature)
    assert first.signature != one("x.ts", "class A extends C { }", "A").signature


def test_local_names_are_no_references() -> None:
    text = (
        "def f(a, *b, c=D):\n    for g in h(a): i = g\n    with j() as k: [m for m in k]\n    return lambda n: n + i\n"
    )
    assert written(one("x.py", text, "f").references) == {"D", "h", "j"}


def test_a_name_that_a_function_calls_global_is_the_modules() -> None:
    outline_ = read("x.py", "def f():\n    global STATE\n    STATE = 1\n")
    assert "STATE" in outline_.module.binds


def test_a_class_binds_its_members_and_the_attributes_that_its_methods_set() -> None:
    text = "class A:\n    x = 1\n    def f(self):\n        self.y = 2\n        self.z: int = 3\n"
    assert one("x.py", text, "A").binds == {"x", "f", "y", "z"}
    text = "class A { x = 1; constructor(private svc: Svc) { this.y = 2 } get g() { return 1 } }"
    assert one("x.ts", text, "A").binds == {"x", "constructor", "svc", "y", "g"}


def test_references_know_the_import_that_binds_them() -> None:
    text = "import os.path\nfrom .store import load as fetch\n\ndef f():\n    return fetch(os.path.join('a'))\n"
    found = {each.written: (each.how, each.module, each.imported) for each in one("p/x.py", text, "f").references}
    assert found["fetch"] == ("call", ".store", "load")
    assert found["os.path.join"] == ("call", "os.path", None)


def test_an_import_inside_a_function_binds_there() -> None:
    text = "def f():\n    from .store import load\n    return load()\n\ndef g():\n    return load()\n"
    assert one("x.py", text, "f").references[0].module == ".store"
    assert one("x.py", text, "g").references[0].module is None
    assert "load" not in read("x.py", text).module.binds


def test_a_declaration_tells_the_class_of_a_receiver() -> None:
    text = "def f(basket: Basket):\n    return basket.total()\n\ndef g():\n    b = Basket()\n    return b.total()\n"
    for name in "fg":
        assert {each.owner for each in one("x.py", text, name).references if each.name == "total"} == {"Basket"}
    text = "function f(basket: Basket) { return basket.total() }"
    assert {each.owner for each in one("x.ts", text, "f").references if each.name == "total"} == {"Basket"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import D from './m'", ("./m", "default", "D")),
        ("import {a as b} from './m'", ("./m", "a", "b")),
        ("import * as ns from './m'", ("./m", None, "ns")),
        ("import './m'", ("./m", None, "")),
        ("const m = require('./m')", ("./m", None, "m")),
        ("const {a: b} = require('./m')", ("./m", "a", "b")),
        ("const b = require('./m').a", ("./m", "a", "b")),
    ],
)
def test_every_way_of_importing_in_javascript_is_known(text: str, name: tuple[str, str | None, str]) -> None:
    (found,) = read("x.js", text).imports
    assert (found.module, found.name, found.local) == name


@pytest.mark.parametrize(
    ("text", "exports"),
    [
        ("export function f() {}", {"f": "f"}),
        ("export const a = 1, b = 2", {"a": "a", "b": "b"}),
        ("export {f as g}", {"g": "f"}),
        ("export default f", {"default": "f"}),
        ("export default class A {}", {"A": "A", "default": "A"}),
        ("export default {a: 1}", {"default": ""}),
        ("module.exports = f", {"default": "f"}),
        ("module.exports = {f, g: h}", {"f": "f", "g": ""}),
        ("exports.f = function () {}", {"f": ""}),
    ],
)
def test_every_way_of_exporting_in_javascript_is_known(text: str, exports: dict[str, str]) -> None:
    assert read("x.js", text).exports == exports


def test_what_is_exported_in_a_way_that_cannot_be_read_is_told() -> None:
    assert read("x.js", "module.exports = make()").opaque
    assert read("x.py", "def __getattr__(name): ...").opaque
    assert not read("x.js", "module.exports = {a}").opaque


def test_a_reexport_is_an_import_that_is_given_on() -> None:
    outline_ = read("x.js", "export {a as b} from './m'\nexport * from './n'")
    assert [(each.module, each.name, each.exported, each.local) for each in outline_.imports] == [
        ("./m", "a", "b", ""),
        ("./n", "*", "*", ""),
    ]


def test_functions_that_prototypes_and_objects_hold_are_resources() -> None:
    text = (
        "A.prototype.f = function () {}\nconst api = {get() {}, put: () => 1}\nvar app = {}\napp.use = function () {}\n"
    )
    found = {(each.kind, each.qualified) for each in extract("x.js", text.encode())}
    assert {("method", "A.f"), ("namespace", "api"), ("function", "api.get"), ("function", "api.put")} <= found
    assert ("function", "app.use") in found


def test_tests_are_resources_under_the_groups_they_stand_in() -> None:
    text = "describe('basket', () => { it('pays', () => { pay() }) })"
    assert [each.qualified for each in extract("x.js", text.encode())] == ["", "basket", "basket.pays"]
    assert written(one("x.js", text, "basket.pays").references) == {"pay"}


def test_string_literals_mention_names_and_what_stands_in_statements() -> None:
    text = "def f():\n    q('pool.size', 'two words')\n    q('select email from users')\n"
    assert {each.name for each in one("x.py", text, "f").mentions} >= {"pool.size", "email", "users"}
    assert "two" not in {each.name for each in one("x.py", text, "f").mentions}


def test_a_statement_that_drops_is_told_with_what_it_drops_from() -> None:
    found = read("x.sql", "ALTER TABLE users DROP COLUMN email;\nDROP TABLE old;\n").module.mentions
    assert {(each.how, each.receiver, each.name) for each in found} == {
        ("drop", "users", "email"),
        ("drop", None, "old"),
    }


def test_files_that_programs_write_and_strange_ones_are_not_looked_into() -> None:
    assert outline("package-lock.json", b'{"a": 1}') is None
    assert outline("x.py", b"(" * 50_000) is None
    assert outline("x.py", b"a." * 20_000) is None
    assert outline("x.py", b"x = 1\n" * 200_000) is None


def test_bytes_that_are_no_text_do_no_harm_to_what_stands_around_them() -> None:
    text = b'f("\xff").prototype.g = 1;\nfunction h() { return "\xff" }\n'
    found = extract("x.js", text)
    assert [each.qualified for each in found] == ["", "h"]
    assert (found[1].span.start, found[1].place.start) == (text.index(b"function"), text.index(b"h()"))


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.expected")), ids=lambda each: each.stem)
def test_resources_of_every_language(sample: Path) -> None:
    """Each sample stands beside the kinds and names of its resources."""
    found = extract(sample.stem, sample.with_suffix(".txt").read_bytes())
    shown = [f"{each.kind} {each.qualified} {each.span.line}-{each.span.last}".replace("  ", " ") for each in found]
    uses = sorted({f"{each.qualified}: {by.how} {by.written}" for each in found for by in each.references})
    assert "\n".join([*shown, *uses]) + "\n" == sample.read_text()


def test_every_language_has_a_sample() -> None:
    sampled = [outline(each.stem, each.with_suffix(".txt").read_bytes()) for each in SAMPLES.glob("*.expected")]
    assert {each.language for each in sampled if each is not None} == {each.name for each in OURS}


@given(
    st.sampled_from(sorted(path.stem for path in SAMPLES.glob("*.txt"))),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 30), st.binary(max_size=5)), max_size=8),
)
def test_no_text_makes_it_raise(name: str, changes: list[tuple[int, int, bytes]]) -> None:
    text = bytearray((SAMPLES / f"{name}.txt").read_bytes())
    for start, length, put in changes:
        text[start : start + length] = put
    found = outline(name, bytes(text))
    if found is not None:
        assert all(0 <= each.span.start <= each.span.end <= len(text) for each in found.resources)
        assert len({each.key for each in found.resources}) == len(found.resources)
