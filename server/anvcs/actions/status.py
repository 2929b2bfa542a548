"""Where the work tree stands and what differs, in one look."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

from anvcs import ids, wire
from anvcs.actions import foreign
from anvcs.actions.caller import Caller
from anvcs.actions.changes import KINDS
from anvcs.actions.divergent import divergent
from anvcs.actions.workspace import Workspace
from anvcs.gitmirror import messages
from anvcs.gitmirror.paths import quote


def status(caller: Caller, params: wire.StatusParams) -> wire.RepositoryStatus:
    """The state git reports, and ours. Works before ``init``; changes nothing."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        # A child process: libgit2's own status holds the interpreter's lock for 200 ms on 50,000 files.
        out = workspace.git.output("status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal")
        head, fields = _parse(out)
        foreign.glance(workspace)
        apart = tuple(divergent(workspace))
        notices = (*workspace.notices, *_divergent(apart), *_conflicted(workspace))
        return wire.RepositoryStatus(
            root=str(workspace.repo.root),
            initialized=workspace.initialized,
            stream=_stream(head.get("branch.head")),
            head=_head(workspace, head.get("branch.oid")),
            upstream=head.get("branch.upstream"),
            ahead=_count(head, 0),
            behind=_count(head, 1),
            in_progress=cast("Any", workspace.repo.in_progress()),
            operations=workspace.ledger.count() if workspace.initialized else 0,
            divergent=apart,
            notices=notices,
            **fields,
        )


def _divergent(found: tuple[wire.Divergence, ...]) -> tuple[str, ...]:
    if not found:
        return ()
    first, more = found[0], f", and {len(found) - 1} more" if len(found) > 1 else ""
    commits = " and ".join(commit[:10] for commit in first.commits)
    return (f"Divergent: change {first.change_id[:12]} has several live commits, {commits}{more}.",)


def _conflicted(workspace: Workspace) -> list[str]:
    if not workspace.initialized:
        return []
    # Late, because whoever works alone never needs it.
    from anvcs.actions import team

    return team.told(workspace)


def _stream(name: str | None) -> str | None:
    return None if name in (None, "(detached)") else name


def _count(head: dict[str, str], which: int) -> int:
    return abs(int(head["branch.ab"].split(" ")[which])) if "branch.ab" in head else 0


def _head(workspace: Workspace, oid: str | None) -> wire.HeadCommit | None:
    if oid is None or oid == "(initial)":
        return None
    raw = workspace.repo.objects.read(oid, "commit")
    header, _, body = raw.partition(b"\n\n")
    encoding: str | None = None
    with suppress(StopIteration):
        encoding = next(line[9:].decode() for line in header.split(b"\n") if line.startswith(b"encoding "))
    subject = messages.decode(messages.subject(body), encoding)
    return wire.HeadCommit(commit_id=ids.commit_id(raw), git_commit=oid, subject=subject)


def _parse(out: bytes) -> tuple[dict[str, str], dict[str, Any]]:
    head: dict[str, str] = {}
    staged: list[wire.FileChange] = []
    unstaged: list[wire.FileChange] = []
    untracked: list[str] = []
    unmerged: list[str] = []
    fields = iter(out.split(b"\0"))
    for field in fields:
        kind = field[:1]
        if kind == b"#":
            name, _, value = field[2:].decode("utf-8", "replace").partition(" ")
            head[name] = value
        elif kind in (b"1", b"2"):
            parts = field.split(b" ", 8 if kind == b"1" else 9)
            old = next(fields) if kind == b"2" else None
            _sort(parts[1], parts[-1], old, staged, unstaged)
        elif kind == b"u":
            unmerged.append(quote(field.split(b" ", 10)[-1]))
        elif kind == b"?":
            untracked.append(quote(field[2:]))
    lists = {"staged": staged, "unstaged": unstaged, "untracked": untracked, "unmerged": unmerged}
    return head, {name: tuple(cast("list[Any]", found)) for name, found in lists.items()}


def _sort(
    letters: bytes, path: bytes, old: bytes | None, staged: list[wire.FileChange], unstaged: list[wire.FileChange]
) -> None:
    for letter, into in zip(letters.decode(), (staged, unstaged), strict=True):
        if letter != ".":
            # Only the side that was renamed names the old path.
            renamed = quote(old) if old is not None and letter in "RC" else None
            into.append(wire.FileChange(path=quote(path), kind=KINDS.get(letter, "modified"), old_path=renamed))
