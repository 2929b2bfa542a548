"""A tree that is made from that of another text is the tree that the parser gives without."""

from __future__ import annotations

import pytest
import tree_sitter
from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs.merge.languages import OURS, Profile, language_for, parsing

PYTHON = '''"""What it is."""

from __future__ import annotations

import os


class Basket(Priced):
    """Items."""

    LIMIT = 10

    @property
    def total(self) -> int:
        # in cents
        if self.items:
            return sum(item.price for item in self.items)
        return 0

    def add(self, item: Item, *, count: int = 1) -> None:
        for _ in range(count):
            self.items.append(item)
        text = f"{item!r} and {count:>{self.LIMIT}}"
        print("""two
lines""", text)


def main() -> None:
    try:
        with open(os.devnull) as file:
            file.read()
    except (OSError, ValueError) as error:
        raise SystemExit(1) from error
'''
SCRIPT = """import { a, b } from './m'

/** What it is. */
export class Basket extends Priced {
  static limit = 10

  get total() {
    // in cents
    return this.items
      .map((item) => item.price)
      .reduce((x, y) => x + y, 0)
  }

  add(item, { count = 1 } = {}) {
    const text = `${item} and ${count / 2}`
    for (let i = 0; i < count; i++) this.items.push(item)
    if (/[/]a+/.test(text)) return `two
lines`
    else {
      a < b > (1)
    }
  }
}

test('adds', async () => {
  const basket = await new Basket()
  expect(basket.total).toBe(0)
})
module.exports = { Basket }
"""
TYPES = """
interface Priced<T> {
  readonly price?: T
}
export type Both = Priced<number> & { name: string }
abstract class C<T extends Priced<T>> implements Priced<T> {
  private items: T[] = [] as T[]
}
"""
TEXTS = {"a.py": PYTHON, "a.js": SCRIPT, "a.ts": SCRIPT + TYPES, "a.tsx": SCRIPT + TYPES + "const x = <A b={1}>c</A>\n"}
ENDS = ("\n", "\r\n", "")
CHARACTERS = "(){}[]<>'\"`;,:/\\ \n=ax1"
Edit = tuple[int, int, str]
EDITS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 3), st.one_of(st.just("="), st.text(CHARACTERS, max_size=4))),
    max_size=5,
)


def told(tree: tree_sitter.Tree) -> list[object]:
    """All that can be asked of a tree's nodes, in order."""
    out: list[object] = []
    cursor = tree.walk()
    while True:
        node = cursor.node
        assert node is not None
        out.append((node.type, node.is_named, node.start_byte, node.end_byte, node.start_point, node.end_point))
        out.append((node.is_missing, node.is_error, node.is_extra, cursor.field_name, node.text))
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return out


def anew(profile: Profile, text: bytes) -> tree_sitter.Tree:
    return tree_sitter.Parser(profile.language).parse(text)


def known(path: str) -> Profile:
    profile = language_for(path)
    assert profile is not None
    return profile


@given(st.sampled_from(sorted(TEXTS)), EDITS, st.sampled_from(ENDS))
@settings(max_examples=200, deadline=None)
def test_a_tree_made_from_another_is_what_the_parser_gives_anew(path: str, edits: list[Edit], end: str) -> None:
    old = TEXTS[path].encode()
    lines = TEXTS[path].splitlines(keepends=True)
    for at, gone, come in edits:
        # "=" writes the lines that stand there once more, as a copied function does.
        lines[at : at + gone] = lines[at : at + gone] * 2 if come == "=" else [come]
    text = ("".join(lines).rstrip("\n") + end).encode()
    profile = known(path)
    made = parsing._parsed(profile.language, text, [(old, anew(profile, old))])
    assert told(made) == told(anew(profile, text))


def test_changes_far_from_one_another_are_each_told_to_the_parser() -> None:
    old = "".join(f"def f{i}():\n    return [{i}, 'word']\n\n\n" for i in range(200))
    # What comes first moves all that follows, and what stands there is another thing, be it as long as before.
    new = old.replace("def f50(", "def g(): return [\n" + 40 * "    1,\n" + "]\n\n\ndef f50(")
    for i in range(100, 200, 10):
        new = new.replace(f"[{i}, 'word']", f"({i}, 'word')")
    new += "x = 1"
    profile = known("a.py")
    made = parsing._parsed(profile.language, new.encode(), [(old.encode(), anew(profile, old.encode()))])
    assert told(made) == told(anew(profile, new.encode()))


@pytest.mark.parametrize("profile", [profile for profile in OURS if not profile.steady])
def test_where_a_grammar_may_give_another_tree_each_text_is_read_anew(profile: Profile) -> None:
    """Each is in the cache beside the other, and what is broken in one says nothing of the other."""
    texts = [b"a: 1\n" * 40, b"a: 1\n" * 20 + b"b: ]{\n" + b"a: 1\n" * 19]
    assert [told(profile.parse(text)) for text in texts] == [told(anew(profile, text)) for text in texts]
