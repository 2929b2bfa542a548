"""Texts that only stand for others: merging two of them line by line gives one that stands for nothing."""

from __future__ import annotations

_LFS = (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/")
LARGEST = 1024
"""Bytes of the largest file that Git LFS takes for a pointer."""

CHOOSE = "Git LFS keeps other content for each side, and one of them must be chosen: git checkout --ours or --theirs."
"""What plain git's users are told of one in conflict."""


def is_lfs(text: bytes) -> bool:
    """A pointer of Git LFS."""
    return len(text) <= LARGEST and text.startswith(_LFS)
