"""What is found without git's diff is what git's diff finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs.merge.lines import Algorithm, diff, diff_items

ITEMS = st.lists(st.sampled_from([b"a", b"b", b"c", b"d", b""]), max_size=10)
ALGORITHMS = st.sampled_from(("default", "minimal"))


@given(ITEMS, ITEMS, ITEMS, ITEMS, ALGORITHMS)
@settings(max_examples=500)
def test_items_differ_where_git_finds_that_lines_do(
    start: list[bytes], old: list[bytes], new: list[bytes], end: list[bytes], algorithm: Algorithm
) -> None:
    one, other = start + old + end, start + new + end
    as_text = [b"".join(item + b"\n" for item in items) for items in (one, other)]
    assert diff_items(one, other, algorithm) == diff(as_text[0], as_text[1], algorithm)
