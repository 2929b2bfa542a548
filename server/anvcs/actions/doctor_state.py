"""What the doctor looks at in our own state, and how each of it is put in order."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from anvcs import ids, wire
from anvcs.actions import graph_index, graph_warm, identity, installed, lost, notes_back, recovery, seal, team
from anvcs.actions.divergent import divergent
from anvcs.actions.init import NOTES_REF, REWRITE, replace_file
from anvcs.actions.installed import INSTALLED
from anvcs.actions.publish import KEEP
from anvcs.actions.workspace import CACHE
from anvcs.errors import CorruptStoreError, LockedError, StoreError
from anvcs.gitmirror import hookfile
from anvcs.history.rows import RowIndex
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_YOUNG = 60
"""Seconds that a lock of git's may well be held by somebody at work."""
_ABANDONED = 24 * 3600
"""Seconds after which nobody is at work any more with a file of ours or git's that only work in progress has."""
_SHOWN = 5


def check(
    name: str,
    state: Literal["ok", "warning", "error"],
    message: str,
    way_out: str = "",
    *,
    repaired: bool = False,
) -> wire.Check:
    """One line of the report."""
    return wire.Check(id=name, state=state, message=message, way_out=way_out, repaired=repaired)


def repaired(name: str, message: str) -> wire.Check:
    """Something that was wrong and is in order now."""
    return check(name, "ok", message, repaired=True)


def ledger(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """Every id, signature, link and view; a damaged one is made anew from its sealed segments."""
    total = max(workspace.ledger.count(), 1)
    problems = workspace.ledger.store.check()
    for sequence, wrong, _ in workspace.ledger.checked():
        if sequence % 100 == 1:
            workspace.caller.progress("Verifying operations", 100 * sequence // total)
        problems += [f"Operation {sequence}: {each}" for each in wrong]
    if not problems:
        yield check("ledger", "ok", f"All {workspace.ledger.count()} operations are chained, signed and whole.")
        return
    said = " ".join(problems[:_SHOWN])
    if not repair:
        yield check("ledger", "error", said, "Run ai-vcs doctor --repair: it is made anew from its sealed log.")
        return
    lost.suspect(workspace)
    workspace.forget_ledger()
    before = len(workspace.notices)
    lost.mend(workspace)
    left = workspace.ledger.verify_chain()
    if left:
        yield check("ledger", "error", " ".join(left[:_SHOWN]), "Keep a copy of the state folder and report this.")
    else:
        yield repaired("ledger", " ".join([said, *workspace.notices[before:]]))
        del workspace.notices[before:]


def operations(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """What recovery did when the repository was opened, what is still under way, and what nobody can tell."""
    for notice in workspace.notices:
        yield check("recovery", "warning", notice)
    try:
        with exclusive(workspace.lock_path, wait=0.0):
            pending = len(workspace.ledger.pending())
            if pending and repair:
                for said in recovery.settle(workspace):
                    yield repaired("recovery", said)
            elif pending:
                said = f"{pending} operations were cut short by a process that died."
                yield check("recovery", "warning", said, "Run: ai-vcs doctor --repair")
    except LockedError as error:
        yield check("recovery", "warning", error.message, error.way_out)
    for signed, _ in workspace.ledger.unknown():
        commit = signed.operation.details.get("gitCommit")
        where = f"git show {str(commit)[:10]}" if isinstance(commit, str) else f"git log {KEEP}"
        said = f"Nobody can tell whether {ids.text(signed.id)[:15]} ({signed.operation.kind}) took effect."
        yield check("operations", "warning", said, f"What it made is kept; see: {where}")


def notes(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """Every line that we wrote is in the notes."""
    workspace.caller.progress("Looking for lost notes", None)
    if repair:
        back = notes_back.put_back(workspace, None).back
        if back:
            yield repaired("notes", f"The notes of {len(back)} commits were lost; they are put back.")
            return
    lacking = notes_back.missing(workspace)
    if lacking:
        yield check("notes", "warning", f"The notes of {len(lacking)} commits are lost.", "Run: ai-vcs doctor --repair")
    else:
        yield check("notes", "ok", "All notes that we wrote are there.")


def settings(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """Plain git carries our notes along."""
    found = workspace.repo.settings.get()
    carried = {value for value in found.all(REWRITE[0][0]) if value}
    if carried & {NOTES_REF, "refs/notes/*"}:
        yield check("settings", "ok", "Plain git rebase and amend carry our notes along.")
    elif repair:
        workspace.git.output("config", "--local", "--add", *REWRITE[0])
        if found.get(REWRITE[1][0]) is None:
            workspace.git.output("config", "--local", *REWRITE[1])
        yield repaired("settings", "Plain git rebase would have left our notes behind; it carries them now.")
    else:
        way_out = f"Run: git config --add {REWRITE[0][0]} {NOTES_REF}"
        yield check("settings", "warning", "Plain git rebase would leave our notes behind.", way_out)


def signers(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """The file by which git verify-commit knows actors' keys: where it should be, and named where we named it."""
    path = workspace.folder / identity.ALLOWED
    said = workspace.repo.settings.get().get(identity.SETTING)
    added = installed.read(workspace.folder)
    ours = dict(added.settings).get(identity.SETTING)
    moved = ours is not None and said == ours != str(path)
    lacking = not path.exists() and identity.registry(workspace).state.granted
    if not moved and not lacking:
        yield check("signers", "ok", "Git finds the keys of actors." if said == str(path) else "Git has its own keys.")
        return
    wrong = f"{identity.SETTING} names {said}, from where the repository was moved." if moved else f"{path} is gone."
    if not repair:
        yield check("signers", "warning", wrong, "Run: ai-vcs doctor --repair")
        return
    if lacking:
        identity.refresh(workspace)
    if moved:
        workspace.git.output("config", "--local", identity.SETTING, str(path))
        kept = tuple(each for each in added.settings if each[0] != identity.SETTING)
        changed = msgspec.structs.replace(added, settings=(*kept, (identity.SETTING, str(path))))
        replace_file(workspace.folder / INSTALLED, msgspec.json.encode(changed))
    yield repaired("signers", f"{wrong} Git finds the keys of actors again.")


def hook(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """Our lines in the post-rewrite hook, where init had put them."""
    repo = workspace.repo
    if not installed.read(workspace.folder).hook:
        return
    path = repo.common_dir / "hooks" / hookfile.NAME
    if not hookfile.is_installed(repo.common_dir):
        state = hookfile.install(repo.settings.get(), repo.common_dir, repo.root) if repair else None
        if state == "installed":
            yield repaired("hook", f"Our lines were gone from {path}; they are back.")
        else:
            said = f"Our lines are gone from {path}: rewritten commits are followed by reflogs and contents only."
            yield check("hook", "warning", said, "Run: ai-vcs doctor --repair" if state is None else "")
    elif hookfile.runs(repo.common_dir):
        yield check("hook", "ok", "Git tells us which commits it rewrites.")
    elif repair and hookfile.is_own(repo.common_dir):
        path.chmod(path.stat().st_mode | 0o111)
        yield repaired("hook", f"{path} could not be run; it can now.")
    else:
        yield check("hook", "warning", f"{path} cannot be run.", f"Run: chmod +x {path}")


def cache(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """The indexes that can be made again from git."""
    path = workspace.folder / CACHE
    if not path.exists():
        yield check("cache", "ok", "No index was made yet; the next graph makes it.")
        return
    try:
        with closing(RowIndex(path)) as index:
            index.check()
    except (CorruptStoreError, StoreError) as error:
        if not repair:
            yield check("cache", "warning", error.message, "Run: ai-vcs doctor --repair")
            return
        graph_warm.Warm.of(workspace).close()
        graph_index.discard(path)
        yield repaired("cache", "The graph's index was damaged; the next graph makes it anew.")
        return
    yield check("cache", "ok", "The graph's index is sound.")


def sealed(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """The log in Git is not far behind the ledger."""
    if not seal.is_due(workspace):
        yield check("sealed", "ok", "The operation log in Git is as far as it should be.")
    elif repair:
        end = seal.seal(workspace)
        yield repaired("sealed", f"Sealed the operation log in Git up to operation {end.last}.")
    else:
        said = "Operations of more than an hour ago are not sealed in Git yet; a lost ledger would lose them."
        yield check("sealed", "warning", said, "Run: ai-vcs doctor --repair")


def locks(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """Lock files: those of ours whose process died are released, all others are somebody's and only named."""
    if repair:
        with suppress(LockedError), exclusive(workspace.lock_path, wait=0.0):
            recovery.settle(workspace)
    common = workspace.repo.common_dir
    found = [*common.glob("*.lock"), *common.glob("worktrees/*/*.lock"), *common.glob("objects/*.lock")]
    found += (common / "refs").rglob("*.lock")
    held = [each for each in sorted(found) if _age(each) > _YOUNG]
    for each in held:
        yield check(
            "locks",
            "warning",
            f"{each} has been there for {_said(_age(each))}; git waits for whoever made it{_holder(common)}.",
            f"If no git process is at work here: rm {each}",
        )
    if not held:
        yield check("locks", "ok", "No lock has been left behind.")


def orphans(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """Files that only work in progress has, left by processes that died."""
    left = [*_own_leftovers(workspace), *_kept_packs(workspace)]
    if left and repair:
        for each in left:
            with suppress(OSError):
                each.unlink()
        yield repaired("orphans", f"{len(left)} files that dead processes had left are removed.")
    elif left:
        names = ", ".join(each.name for each in left[:_SHOWN])
        said = f"Dead processes left {len(left)} files: {names}."
        yield check("orphans", "warning", said, "Run: ai-vcs doctor --repair")
    packs = workspace.repo.common_dir / "objects" / "pack"
    halves = [each for each in packs.glob("tmp_*") if _age(each) > _ABANDONED]
    if halves:
        size = sum(each.stat().st_size for each in halves)
        said = f"A transfer that was cut short left {len(halves)} files of {size} bytes among the packs."
        yield check("orphans", "warning", said, "Git removes them with: git gc --prune=now")
    if not left and not halves:
        yield check("orphans", "ok", "No dead process left anything.")


def streams(workspace: Workspace, repair: bool) -> Iterator[wire.Check]:
    """Streams that replicas moved two ways, and changes that stand as several commits: for people to decide."""
    del repair
    names = sorted({each.stream.removeprefix("refs/heads/") for each in team.conflicts(workspace)})
    if names:
        said = f"Two clones moved {', '.join(names[:_SHOWN])} two ways."
        yield check("conflicts", "warning", said, f"Run: ai-vcs stream resolve {names[0]}")
    for each in divergent(workspace)[:_SHOWN]:
        shown = " and ".join(commit[:10] for commit in each.commits)
        said = f"The change {each.change_id[:12]} stands as several commits: {shown}."
        yield check("divergent", "warning", said, "Drop one of them, e.g. with: git rebase -i")


def _own_leftovers(workspace: Workspace) -> Iterable[Path]:
    folder = workspace.folder
    drafts = [*folder.glob(".anvcs-*"), *(folder / "tmp").glob("candidate-*"), *(folder / "tmp").glob("ledger.db.new*")]
    home = workspace.repo.root / ".ai" / "meta"
    drafts += home.glob(".tmp-*") if not home.is_symlink() else ()
    yield from (each for each in drafts if each.is_file() and _age(each) > _ABANDONED)
    objects = workspace.repo.common_dir / "objects"
    for each in objects.rglob("tmp_obj_anvcs_*"):
        if not _is_alive(each.name.split("_")[3]):
            yield each


def _kept_packs(workspace: Workspace) -> Iterable[Path]:
    """The marks that keep git's collector from packs which a push or pull of ours was still writing."""
    for each in (workspace.repo.common_dir / "objects" / "pack").glob("*.keep"):
        with suppress(OSError):
            words = each.read_text("utf-8", "replace").split()
            if len(words) == 2 and words[0] == "anvcs" and not _is_alive(words[1]):
                yield each


def _is_alive(pid: str) -> bool:
    if not pid.isdecimal() or os.name == "nt":  # there a signal of 0 would end the process
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _age(path: Path) -> float:
    with suppress(OSError):
        return time.time() - path.lstat().st_mtime
    return 0.0


def _said(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 120:
        return f"{minutes} minute{'s'[: minutes != 1]}"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // 1440} days"


def _holder(common: Path) -> str:
    """The process that git's own collector noted, where one runs."""
    with suppress(OSError, IndexError):
        pid = (common / "gc.pid").read_text("utf-8", "replace").split()[0]
        if _is_alive(pid):
            return f" (git gc is at work, process {pid})"
    return ""
