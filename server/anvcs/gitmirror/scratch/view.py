"""The ``.git`` that guards see in a scratch worktree: it borrows objects and shares nothing that can be changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from anvcs.gitmirror.scratch.checkout import anchored
from anvcs.gitmirror.scratch.files import remove
from anvcs.gitmirror.scratch.program import Place, Program

_HANDED_ON = (
    r"^(filter\..*|diff\..*|user\.(name|email)|core\.(autocrlf|eol|safecrlf|symlinks|ignorecase|precomposeunicode|"
    r"filemode|attributesfile|bigfilethreshold|quotepath|whitespace|checkroundtripencoding))$"
)
"""Settings of the user's repository that make git see the same files. Remotes, hooks and aliases are not among them."""
_OWN = """[core]
\trepositoryformatversion = 0
\tbare = false
\tlogAllRefUpdates = true
\thooksPath = /dev/null
\tfsmonitor = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[commit]
\tgpgSign = false
[tag]
\tgpgSign = false
"""
"""Nothing in the background, nothing that asks for a passphrase."""
_WHO = b"anvcs <check@anvcs.invalid>"
_LONG_AGO = 946_684_800
"""When a commit without parents was made: the year 2000; earlier times trip archivers up."""


class Head(msgspec.Struct, frozen=True):
    """What HEAD is in a view: a commit of the user's, or a new one."""

    commit: str
    raw: bytes | None = None
    """The bytes of a new one."""


def merge_commit(tree: str, parents: Sequence[tuple[str, int]]) -> Head:
    """A commit of a tree on its parents, given with their times; equal ones give the same commit."""
    when = max((time for _, time in parents), default=_LONG_AGO)
    lines = [f"tree {tree}".encode(), *(f"parent {parent}".encode() for parent, _ in parents)]
    lines += [b"%s %s %d +0000" % (role, _WHO, when) for role in (b"author", b"committer")]
    raw = b"\n".join(lines) + b"\n\nA merge to be checked\n"
    return Head(hashlib.sha1(b"commit %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest(), raw)


def make(program: Program, place: Place, head: Head, keep: Sequence[str]) -> None:
    """Put a view where the files are, in place of whatever is there. Paths in ``keep`` are ignored in it."""
    view = place.files / ".git"
    remove(view)
    for folder in ("objects/info", "refs/heads", "refs/tags", "info"):
        (view / folder).mkdir(parents=True)
    (view / "HEAD").write_text(f"{head.commit}\n", "ascii")
    config = program.run(place, "config", "-z", "--local", "--includes", "--get-regexp", _HANDED_ON).stdout
    (view / "config").write_bytes(b"".join(_written(config)) + _OWN.encode())
    (view / "objects/info/alternates").write_bytes(b"".join(b"%s\n" % each for each in _objects(program, place)))
    tags = "--format=%(objectname) %(refname)%(if)%(*objectname)%(then)%0a^%(*objectname)%(end)"
    packed = program.output(place, "for-each-ref", tags, "refs/tags")
    (view / "packed-refs").write_bytes(b"# pack-refs with: peeled fully-peeled sorted \n" + packed)
    for name in ("shallow", "info/attributes"):
        with suppress(FileNotFoundError):
            shutil.copyfile(_path(program, place, name), view / name)
    (view / "info/exclude").write_text("".join(f"{anchored(pattern)}\n" for pattern in keep), "utf-8")
    if head.raw is not None:
        loose = view / "objects" / head.commit[:2] / head.commit[2:]
        loose.parent.mkdir()
        loose.write_bytes(zlib.compress(b"commit %d\0" % len(head.raw) + head.raw))
    shutil.copyfile(place.index, view / "index")


def _path(program: Program, place: Place, name: str) -> Path:
    found = program.output(place, "rev-parse", "--path-format=absolute", "--git-path", name)
    return Path(os.fsdecode(found).removesuffix("\n"))


def _objects(program: Program, place: Place) -> Iterator[bytes]:
    yield os.fsencode(_path(program, place, "objects"))
    for each in program.env.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", "").split(os.pathsep):
        if each:
            yield os.fsencode(each)


def _written(listing: bytes) -> Iterator[bytes]:
    """The lines of a configuration file with the settings that ``git config -z`` has listed."""
    for entry in listing.split(b"\0"):
        key, equals, value = entry.partition(b"\n")
        section, _, rest = key.partition(b".")
        subsection, _, name = rest.rpartition(b".")
        if not name:
            continue
        yield b'[%s "%s"]\n' % (section, _escaped(subsection)) if subsection else b"[%s]\n" % section
        yield b'\t%s = "%s"\n' % (name, _escaped(value).replace(b"\n", b"\\n")) if equals else b"\t%s\n" % name


def _escaped(text: bytes) -> bytes:
    return text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
