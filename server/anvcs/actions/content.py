"""A file's text as it was at a commit."""

from __future__ import annotations

import codecs
import os
import re

from anvcs.actions.caller import Caller
from anvcs.actions.resolve import resolve
from anvcs.gitmirror.paths import unquote

TREE = "tree:"
"""How the name of a tree begins where one can stand in a commit's place."""
_ID = re.compile(r"[0-9a-f]{40}")
LARGEST = 20 << 20
"""Bytes above which no editor wants to show a file."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def text_at(caller: Caller, folder: str | None, path: str, commit: str) -> str:
    """The text of a file (its path as on the wire) at a commit, by any name; empty if the file was not there.

    ``tree:`` and the id of a tree names that instead of a commit: the result of a merge that nobody has made yet.

    What is no text, or too large to show, is named in a sentence instead. Raises UnknownCommitError.
    """
    workspace = caller.workspace(folder)
    with workspace.lock:
        tree = commit.removeprefix(TREE)
        whole = tree if commit.startswith(TREE) and _ID.fullmatch(tree) else resolve(workspace, commit)
        name = os.fsencode(whole) + b":" + unquote(path)
        # -z, since a path may contain a line feed.
        listed = workspace.git.run("cat-file", "--batch-check", "-z", stdin=name + b"\0").stdout.split()
        if len(listed) != 3 or listed[1] != b"blob":
            return ""
        if int(listed[2]) > LARGEST:
            return f"({int(listed[2]):,} bytes: too large to show)\n"
        return as_text(workspace.git.output("cat-file", "blob", listed[0].decode("ascii")))


def as_text(data: bytes) -> str:
    """Bytes of a file as an editor shows them."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if b"\0" in data[:8000]:
        return f"(binary file, {len(data):,} bytes)\n"
    return data.decode("utf-8", "replace")
