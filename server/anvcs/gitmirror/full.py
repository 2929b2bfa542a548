"""Tells a full disk from other reasons for which git or libgit2 could not write; neither has a code for it."""

from __future__ import annotations

import errno
import os

from anvcs.errors import DiskError

_FULL = tuple(os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT))


def refused(said: object) -> DiskError | None:
    """The refusal behind words of git's or libgit2's, if they say that the disk is full."""
    words = str(said).strip()
    if any(each in words for each in _FULL):
        return DiskError(f"The disk is full ({words}).", "Free some space, then try again. Nothing is lost.")
    return None
