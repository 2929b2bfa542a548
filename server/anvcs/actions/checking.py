"""Lets guards judge a tree in a scratch worktree, and gives their evidence; what was judged before is not run again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from anvcs.actions.caller import Progress, no_progress
from anvcs.actions.checking_bench import Bench, Teller, bench
from anvcs.actions.checking_subject import SETUP, Subject, config_of, guards, spelt, subject
from anvcs.errors import CancelledError, UntrustedError
from anvcs.guards import cache
from anvcs.guards.cache import EvidenceFiles, EvidenceStore
from anvcs.guards.model import Evidence, Guard
from anvcs.guards.process import Cancelled, never
from anvcs.guards.runner import run
from anvcs.provenance.redaction import BY_NAME, is_secret_name, redact_text

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.config import Config

__all__ = ["SETUP", "check", "config_of", "passed"]

FILES = "{files}"
"""What stands for the changed files in ``affected``."""
_MOST_FILES = 500
_TICK = 0.1
_SHORTEST = 6
"""Characters of a secret variable's value that is looked for in output; shorter ones are in any text."""


def check(
    workspace: Workspace,
    tree: str,
    *,
    config: Config,
    names: Sequence[str] | None = None,
    parents: Sequence[str] = (),
    progress: Progress = no_progress,
    cancelled: Cancelled = never,
    store: EvidenceStore | None = None,
    fresh: bool = False,
) -> tuple[Evidence, ...]:
    """The evidence of the guards of these names, or of all, on a tree; in the order of the configuration.

    ``config`` is that of the target (``config_of``). ``parents`` are the commits that the tree is a merge of, the
    target's first: guards see a commit on them, and the first says what has changed. ``fresh`` runs what is known
    already too. ``cancelled`` is asked from several threads; what it stops has the outcome ``cancelled``. Where setup
    fails, its evidence comes first, and the guards could not be run.

    Raises UntrustedError, ConfigError, UsageError, GitFailedError, DiskError, LockedError, and what ``progress`` does.
    """
    wanted = guards(config.guards, names)
    if not wanted:
        return ()
    if not workspace.caller.trusted:
        raise UntrustedError(
            f"Guards run commands of this repository ({', '.join(spelt(each.command) for each in wanted)}), and "
            f"{workspace.repo.root} is not trusted.",
            "Trust the workspace in your editor, or run ai-vcs in a terminal, if you trust who wrote it.",
        )
    about = subject(workspace, tree, parents, config.guards)
    store = store or EvidenceFiles(about.pool.folder / "evidence")
    keys = {guard.name: cache.key(tree, guard, about.surroundings) for guard in wanted}
    known = {} if fresh else _known(store, wanted, keys)
    left = tuple(guard for guard in wanted if guard.name not in known)
    found = _judge(about, left, Teller(progress, cancelled)) if left else {}
    for guard in left:
        evidence = found[guard.name] = replace(found[guard.name], key=keys[guard.name])
        # What affected tests say is not what the command says.
        if evidence.outcome in ("passed", "failed") and evidence.command == _cleaned(guard.command, about.env):
            store.put(evidence)
    first = [found[SETUP]] if SETUP in found else []
    return (*first, *({**known, **found}[guard.name] for guard in wanted))


def passed(evidence: Iterable[Evidence]) -> bool:
    """Whether everything that is required has passed."""
    return all(each.outcome == "passed" for each in evidence if each.required)


def _known(store: EvidenceStore, wanted: Sequence[Guard], keys: Mapping[str, str]) -> dict[str, Evidence]:
    known: dict[str, Evidence] = {}
    for guard in wanted:
        kept = store.get(keys[guard.name])
        if kept is not None and kept.outcome in ("passed", "failed"):
            known[guard.name] = replace(kept, guard=guard.name, required=guard.required, cached=True)
    return known


def _judge(about: Subject, wanted: Sequence[Guard], teller: Teller) -> dict[str, Evidence]:
    """What the guards say, by name; and what setup says, if it failed."""
    try:
        with bench(about, teller) as ready:
            if ready.failed is None:
                found = _run(about, wanted, ready, teller)
                notes = ready.notes + ready.spoilt()
            else:
                found = _unfit(about, wanted, ready.failed)
                notes = ready.notes
    except CancelledError:
        if not teller.cancelled():
            raise
        return {guard.name: _without_run(about, guard, "cancelled", "") for guard in wanted}
    finally:
        with suppress(OSError):
            about.pool.tidy(time.time())
    return {name: _recorded(replace(evidence, notes=notes), about.env) for name, evidence in found.items()}


class _Work(msgspec.Struct, frozen=True):
    """What each thread knows of a run."""

    about: Subject
    ready: Bench
    files: tuple[str, ...]
    stopped: Cancelled


def _run(about: Subject, wanted: Sequence[Guard], ready: Bench, teller: Teller) -> dict[str, Evidence]:
    stop = threading.Event()
    files = tuple(ready.files(about)) if any(guard.affected for guard in wanted) else ()
    work = _Work(about, ready, files, lambda: stop.is_set() or teller.cancelled())
    found: dict[str, Evidence] = {}
    with ThreadPoolExecutor(about.settings.parallel, "anvcs-guard") as threads:
        pending: dict[Future[Evidence], Guard] = {threads.submit(_one, guard, work): guard for guard in wanted}
        try:
            while pending:
                names = ", ".join(guard.name for guard in pending.values())
                teller.say(f"Running guards: {names}", 100 * len(found) // len(wanted))
                while not (ended := wait(pending, _TICK, FIRST_COMPLETED).done):
                    teller.asked()
                for each in ended:
                    found[pending.pop(each).name] = each.result()
        except BaseException:
            stop.set()
            raise
    return found


def _one(guard: Guard, work: _Work) -> Evidence:
    if work.stopped():
        return _without_run(work.about, guard, "cancelled", "")
    try:
        first = _affected(guard, work)
        return first or run(guard, work.about.tree, work.ready.around, cancelled=work.stopped)
    except OSError as error:
        return _without_run(work.about, guard, "error", f"It could not be run: {error.strerror or error}.")


def _affected(guard: Guard, work: _Work) -> Evidence | None:
    """What the tests say that the change affects, if they fail; then the others need not be run."""
    command = _filled(guard.affected, work.files)
    if not command:
        return None
    quick = replace(guard, command=command)
    evidence = run(quick, work.about.tree, work.ready.around, cancelled=work.stopped)
    return evidence if evidence.outcome in ("failed", "cancelled") else None


def _filled(affected: Sequence[str], files: Sequence[str]) -> tuple[str, ...]:
    """The command with the files in their place; nothing where there are none, or too many for a command line."""
    if not affected or not 0 < len(files) <= _MOST_FILES:
        return ()
    # A file may be called like an option.
    named = [f"./{file}" if file.startswith("-") else file for file in files]
    return tuple(word for part in affected for word in (named if part == FILES else [part]))


def _unfit(about: Subject, wanted: Sequence[Guard], setup: Evidence) -> dict[str, Evidence]:
    if setup.outcome == "cancelled":
        return {guard.name: _without_run(about, guard, "cancelled", "") for guard in wanted}
    why = f"It was not run, because guards.setup did not pass: {spelt(setup.command)}"
    return {SETUP: setup, **{guard.name: _without_run(about, guard, "error", why) for guard in wanted}}


def _without_run(about: Subject, guard: Guard, outcome: str, why: str) -> Evidence:
    return Evidence(
        guard=guard.name,
        tree=about.tree,
        outcome="cancelled" if outcome == "cancelled" else "error",
        command=guard.command,
        output=why,
        required=guard.required,
    )


def _recorded(evidence: Evidence, env: Mapping[str, str]) -> Evidence:
    """The evidence without secrets."""
    output = _clean(evidence.output, env)
    return replace(evidence, output=output, command=_cleaned(evidence.command, env))


def _cleaned(command: Sequence[str], env: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_clean(word, env) for word in command)


def _clean(text: str, env: Mapping[str, str]) -> str:
    for name, value in env.items():
        if len(value) >= _SHORTEST and is_secret_name(name):
            text = text.replace(value, BY_NAME)
    return redact_text(text)[0]
