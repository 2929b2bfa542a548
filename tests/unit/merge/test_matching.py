"""Which item of one version is which of another is found alike, however much of both is read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs.merge import matching
from anvcs.merge.items import Item, Reader
from anvcs.merge.languages import Profile, language_for

LINES = {
    "a.py": ["def f(): pass", "def f(x): return x", "def g(x): return x", "f(g)", "x = f", "import f", "x = 1"],
    "a.ts": [
        "function f() {}",
        "function g() { f() }",
        "export const f = () => 1",
        "it('f', () => {})",
        "it('f', () => { g() })",
        "f(1)",
    ],
    "A.java": ["void f() {}", "void f(int x) {}", "int f;", "int f(int y) { return y; }", "A() { f(); }"],
    "a.rs": ["fn f() {}", "#[cfg(a)]\nfn f() {}", "fn g() { f(); }", "struct f;", "use f;"],
}


def items(profile: Profile, lines: list[str], path: str) -> list[Item]:
    text = "\n".join(["class A {", *lines, "}"] if path == "A.java" else lines)
    reader = Reader(text.encode(), profile)
    node = reader.root.named_children[0].named_children[-1] if path == "A.java" else reader.root
    spec = reader.spec(node)
    return reader.items(node, spec).items if spec is not None else []


@pytest.mark.parametrize("path", sorted(LINES))
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_names_that_are_looked_for_in_the_text_first_are_matched_as_those_that_are_not(
    path: str, data: st.DataObject
) -> None:
    profile = language_for(path)
    assert profile is not None
    lists = st.lists(st.sampled_from(LINES[path]), max_size=6)
    old, new = data.draw(lists), data.draw(lists)
    signed = bool(profile.signatures or profile.conditions)
    found: list[dict[int, int]] = []
    for few, may_be_signed in ((8, signed), (-1, True)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(matching, "_FEW", few)
            versions = items(profile, old, path), items(profile, new, path)
            found.append(matching.match(*versions, signed=may_be_signed))
    assert found[0] == found[1]
