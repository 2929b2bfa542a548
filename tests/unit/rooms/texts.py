"""Texts of characters that count differently everywhere, and changes of them."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from anvcs.rooms.delta import Delta, apply, normal

LAW = settings(deadline=None)
"""A busy machine is no reason for a law to fail."""
CHARACTERS = (
    "a",
    "b",
    " ",
    "\n",
    "é",
    "中",
    "😀",
    "👩",
    "\u200d",
    "e\u0301",
    "\u2028",
    "\x0c",
    "\x85",
    "\t",
    "\0",
    "\ufeff",
)
"""ASCII, two, three and four bytes, one and two UTF-16 units, joined, and what other tools take for line ends."""
ZWJ = "👨\u200d👩\u200d👧"
TEXTS = st.lists(st.sampled_from((*CHARACTERS, ZWJ)), max_size=12).map("".join)


@st.composite
def deltas(draw: st.DrawFn, text: str) -> Delta:
    """A change of this text."""
    ops: list[int | str] = []
    left = len(text)
    for _ in range(draw(st.integers(0, 4))):
        kept = draw(st.integers(0, left))
        gone = draw(st.integers(0, min(3, left - kept)))
        left -= kept + gone
        ops += [kept, draw(TEXTS), -gone]
    return normal(ops)


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, Delta]:
    """A text and a change of it."""
    text = draw(TEXTS)
    return text, draw(deltas(text))


@st.composite
def versions(draw: st.DrawFn) -> tuple[str, str]:
    """A text and what somebody made of it."""
    text, delta = draw(changes())
    return text, apply(text, delta)
