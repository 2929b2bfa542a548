"""Git's own merge of three texts, and what git left of a file in conflict."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from anvcs.errors import GitFailedError
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.treemerge_attributes import Place

BINARY = 255
"""What ``git merge-file`` exits with for files that are no texts, and for what it cannot read or write."""
MARKER_SIZE = 7
STYLES = ((), ("--diff3",), ("--zdiff3",))
"""Options for how conflicts are shown: as git's settings say, and the others."""
Stages = dict[int, tuple[str, str]]
"""Mode and Git id of a path in conflict, by stage: 1 base, 2 ours, 3 theirs."""


class ByGit(NamedTuple):
    """What git makes of three texts."""

    text: bytes
    conflicts: int


def merge_file(
    git: Git, texts: Sequence[bytes], labels: Sequence[str], *, size: int = MARKER_SIZE, options: Sequence[str] = ()
) -> ByGit | None:
    """The merge of base, ours and theirs; None where one is no text. Labels are ours, base, theirs.

    Raises GitFailedError.
    """
    with tempfile.TemporaryDirectory(prefix="anvcs-merge-") as folder:
        base, ours, theirs = (Path(folder) / name for name in ("base", "ours", "theirs"))
        for path, text in zip((base, ours, theirs), texts, strict=True):
            path.write_bytes(text)
        named = [word for label in labels for word in ("-L", label)]
        done = git.run("merge-file", "-p", "-q", f"--marker-size={size}", *options, *named, ours, base, theirs)
    if done.returncode == BINARY:
        return None
    if not 0 <= done.returncode <= 127:
        raise GitFailedError(f"git merge-file ended with {done.returncode}.", "Run it by hand to see more.")
    return ByGit(done.stdout, done.returncode)


def unmerged(git: Git) -> dict[bytes, Stages]:
    """Every path in conflict with its stages. Raises GitFailedError."""
    found: dict[bytes, Stages] = {}
    for line in git.output("ls-files", "--unmerged", "-z", "--full-name", ":/").split(b"\0"):
        if line:
            entry, _, path = line.partition(b"\t")
            mode, oid, stage = entry.decode("ascii").split(" ")
            found.setdefault(path, {})[int(stage)] = mode, oid
    return found


def is_as_left(git: Git, root: Path, path: bytes, texts: Sequence[bytes], size: int) -> bool:
    """Whether a file still is what git wrote when it left it in conflict.

    Git keeps the tree that it wrote out (``AUTO_MERGE``), but not for every command; then its merge is made again, and
    the names in the markers do not count.
    """
    file = os.path.join(os.fsencode(root), path)  # noqa: PTH118 - paths are bytes here
    if os.path.islink(file) or not os.path.isfile(file):  # noqa: PTH113, PTH114 - as above
        return False
    with open(file, "rb") as opened:  # noqa: PTH123 - as above
        data = opened.read()
    kept = git.run("rev-parse", "--verify", "--quiet", b"AUTO_MERGE:" + path)
    if not kept.returncode:
        now = git.run("hash-object", b"--path=" + path, "--stdin", stdin=data)
        if now.stdout == kept.stdout:
            return True
    return is_merge_of(git, data, texts, size)


def is_merge_of(git: Git, data: bytes, texts: Sequence[bytes], size: int) -> bool:
    """Whether a text is what git makes of three others, but for the names in the markers."""
    for style in STYLES:
        again = merge_file(git, texts, ("", "", ""), size=size, options=style)
        if again is not None and alike(again.text, data, size):
            return True
    return False


def alike(one: bytes, other: bytes, size: int) -> bool:
    """Whether two texts are the same but for the names in their markers and for line ends."""
    return _unnamed(one, size) == _unnamed(other, size)


def _unnamed(text: bytes, size: int) -> list[bytes]:
    """The lines without the names in markers, whatever ends them."""
    marks = tuple(sign * size for sign in (b"<", b"|", b">"))
    return [
        line[:size] if line[:size] in marks and line[size : size + 1] in (b"", b" ") else line
        for line in text.replace(b"\r\n", b"\n").split(b"\n")
    ]


def labels_in(text: bytes, size: int) -> tuple[str, str, str]:
    """What a text with markers calls ours, the base and theirs."""
    found = {b"<": "ours", b"|": "base", b">": "theirs"}
    for sign in found:
        begins = sign * size + b" "
        line = next((line for line in text.splitlines() if line.startswith(begins)), None)
        if line is not None:
            found[sign] = line[len(begins) :].decode("utf-8", "replace")
    ours, base, theirs = found.values()
    return ours, base, theirs


def filtered(git: Git, path: bytes, text: bytes) -> bytes:
    """A text as git writes it into the work tree, with its line ends and through filters. Raises GitFailedError."""
    oid = git.output("hash-object", "-w", "--stdin", stdin=text).strip()
    return git.output("cat-file", "--filters", b"--path=" + path, oid)


def kept(git: Git, place: Place, path: bytes, text: bytes) -> bytes:
    """A file of the work tree as git keeps it: through filters, with the line ends that attributes ask for.

    Raises GitFailedError.
    """
    args = ("-C", place.folder, "hash-object", "-w", "--stdin", b"--path=" + path)
    oid = git.output(*args, stdin=text, extra=place.extra).strip()
    return git.output("cat-file", "blob", oid)
