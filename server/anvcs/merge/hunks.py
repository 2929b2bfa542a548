"""Rules for a single conflict of lines, without syntax: white space, and tokens with one between them."""

from __future__ import annotations

from anvcs.merge.lines import Hunk
from anvcs.merge.structured import trivial
from anvcs.merge.tokens import contained, merge_tokens


def resolve(hunk: Hunk) -> tuple[bytes, str] | None:
    """What a conflict becomes, and the rule that says so; None where no rule is sure."""
    base, left, right = hunk.base, hunk.left, hunk.right
    if base.strip():
        merged = trivial(base, left, right)
        if merged is not None:
            return merged, "white-space"
        merged = merge_tokens(base, left, right)
        if merged is not None:
            return merged, "tokens"
        merged = contained(base, left, right)
        if merged is not None:
            return merged, "contained"
    elif b"".join(left.split()) == b"".join(right.split()):
        return left, "white-space"
    return None
