"""The law of the operation log: whatever two actors do in whatever order, the pointers are what a simple model says.

The model keeps, for each operation that moved a pointer, the whole state before and after it. Undo, redo and op restore
are states of it; what one actor did is taken back only where nobody else has moved the same pointer since.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.errors import NothingToCommitError, UndoRefusedError
from tests.conftest import IDENTITY, Repo
from tests.interop.operation_support import collect_garbage

ACTORS = ("ada", "foo")
NAMES = ("one", "two")
Values = Mapping[str, str | None]
HEAD = "HEAD"


class Done(NamedTuple):
    """An operation as the model has it."""

    actor: str
    id: str
    moves: dict[str, tuple[str | None, str | None]]


class Machine(RuleBasedStateMachine):
    """One repository, two actors, plain git, and the model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        (root / ".gitconfig").write_text(IDENTITY)
        (root / "repo").mkdir()
        env = {"PATH": "/usr/bin:/bin", "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC"}
        self.repo = Repo(root / "repo", env, root / "keys")
        self.repo.git("init", "--quiet")
        self.repo.write("a", "0\n")
        self.repo.git_commit("first")
        self.repo.init()
        self.caller: Caller = self.repo.caller()
        self.now = self.read()
        self.states: list[tuple[str, dict[str, str]]] = [(self.newest(), dict(self.now))]
        self.stacks: dict[str, list[Done]] = {actor: [] for actor in ACTORS}
        self.undone: dict[str, list[Done]] = {actor: [] for actor in ACTORS}
        self.commits = {self.repo.head()}
        self.serial = 0

    def teardown(self) -> None:
        """Git is content, and no commit that any stream ever stood on is gone."""
        assert self.repo.git("fsck", "--strict", "--no-dangling") == ""
        collect_garbage(self.repo)
        for commit in self.commits:
            assert self.repo.git("cat-file", "-t", commit) == "commit"
        self.repo.close()
        self.folder.cleanup()

    # What git says

    def read(self) -> dict[str, str]:
        """Streams and HEAD, as git has them."""
        listed = self.repo.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads").splitlines()
        found = dict(line.split(" ") for line in listed)
        return {**found, HEAD: (self.repo.path / ".git/HEAD").read_text().strip()}

    def newest(self) -> str:
        """The operation that is newest."""
        page = call(self.caller, wire.OP_LOG, wire.OpLogParams(limit=1))
        return page.operations[0].operation_id

    # What the model does

    def did(self, actor: str, operation: str, *, stacked: bool = True) -> None:
        """Something moved pointers; the model takes over where they stand now and who did it."""
        after = self.read()
        names = self.now.keys() | after.keys()
        moves = {name: (self.now.get(name), after.get(name)) for name in names if self.now.get(name) != after.get(name)}
        if stacked and actor in ACTORS:
            self.stacks[actor].append(Done(actor, operation, moves))
            self.undone[actor].clear()
        self.now = after
        self.states.append((operation, dict(after)))
        self.commits.update(value for value in after.values() if not value.startswith("ref: "))

    def agent(self, actor: str) -> str | None:
        """How a request names the actor."""
        return None if actor == "ada" else actor

    # Rules

    @rule(actor=st.sampled_from(ACTORS), amend=st.booleans(), paths=st.booleans())
    def commit(self, actor: str, amend: bool, paths: bool) -> None:
        """Commit or amend, everything or by path."""
        self.serial += 1
        self.repo.write("a", f"{self.serial}\n")
        params = wire.CommitParams(
            message=f"commit {self.serial}", amend=amend, paths=("a",) if paths else (), agent=self.agent(actor)
        )
        with suppress(NothingToCommitError):
            self.did(actor, call(self.caller, wire.COMMIT, params).operation_id)

    @rule()
    def plain_commit(self) -> None:
        """Plain git moves the stream that is checked out."""
        self.repo.git("commit", "--quiet", "--allow-empty", "-m", "plain")
        self.did("git", self.newest())

    @rule(actor=st.sampled_from(ACTORS), name=st.sampled_from(NAMES), switch=st.booleans())
    def create(self, actor: str, name: str, switch: bool) -> None:
        """Make a stream."""
        if f"refs/heads/{name}" in self.now:
            return
        params = wire.StreamCreateParams(name=name, switch=switch, agent=self.agent(actor))
        self.did(actor, call(self.caller, wire.STREAM_CREATE, params).operation_id)

    @rule(actor=st.sampled_from(ACTORS), name=st.sampled_from((*NAMES, "main")))
    def switch(self, actor: str, name: str) -> None:
        """Check another stream out."""
        if f"refs/heads/{name}" not in self.now or self.now[HEAD] == f"ref: refs/heads/{name}":
            return
        self.repo.git("checkout", "--quiet", "--force", "HEAD", "--", ".")
        params = wire.StreamSwitchParams(name=name, agent=self.agent(actor))
        self.did(actor, call(self.caller, wire.STREAM_SWITCH, params).operation_id)

    @rule(actor=st.sampled_from(ACTORS), name=st.sampled_from(NAMES))
    def delete(self, actor: str, name: str) -> None:
        """Remove a stream that is not checked out."""
        if f"refs/heads/{name}" not in self.now or self.now[HEAD] == f"ref: refs/heads/{name}":
            return
        params = wire.StreamDeleteParams(name=name, force=True, agent=self.agent(actor))
        self.did(actor, call(self.caller, wire.STREAM_DELETE, params).operation_id)

    @rule(actor=st.sampled_from(ACTORS))
    def undo(self, actor: str) -> None:
        """Take the actor's own last operation back, or be refused."""
        params = wire.UndoParams(agent=self.agent(actor))
        stack = self.stacks[actor]
        expected = self.back(stack[-1]) if stack else None
        if expected is None:
            with pytest.raises(UndoRefusedError):
                call(self.caller, wire.UNDO, params)
            return
        done = call(self.caller, wire.UNDO, params)
        assert done.target is not None
        assert done.target.operation_id == stack[-1].id
        assert self.read() == expected
        self.undone[actor].append(stack.pop())
        self.did(actor, str(done.operation_id), stacked=False)

    @rule(actor=st.sampled_from(ACTORS))
    def redo(self, actor: str) -> None:
        """Do it again, or be refused."""
        params = wire.RedoParams(agent=self.agent(actor))
        waiting = self.undone[actor]
        expected = self.back(waiting[-1], again=True) if waiting else None
        if expected is None:
            with pytest.raises(UndoRefusedError):
                call(self.caller, wire.REDO, params)
            return
        done = call(self.caller, wire.REDO, params)
        assert self.read() == expected
        self.stacks[actor].append(waiting.pop())
        self.did(actor, str(done.operation_id), stacked=False)

    def back(self, done: Done, *, again: bool = False) -> dict[str, str] | None:
        """The pointers after an undo (or redo), or None where it must be refused."""
        found: dict[str, str | None] = dict(self.now)
        for name, (old, new) in done.moves.items():
            here, there = (old, new) if again else (new, old)
            if self.now.get(name) == here:
                found[name] = there
            elif self.now.get(name) != there:
                return None
        return {name: value for name, value in found.items() if value is not None}

    @rule(actor=st.sampled_from(ACTORS), at=st.integers(0, 30))
    def op_restore(self, actor: str, at: int) -> None:
        """Go to any state there was."""
        operation, then = self.states[at % len(self.states)]
        params = wire.OpRestoreParams(operation=operation, agent=self.agent(actor))
        done = call(self.caller, wire.OP_RESTORE, params)
        assert self.read() == then
        assert (done.operation_id is None) == (self.now == then)
        if done.operation_id is not None:
            self.did(actor, done.operation_id)

    @rule()
    def garbage(self) -> None:
        """Git's collector runs."""
        collect_garbage(self.repo)

    @invariant()
    def pointers_and_ledger_are_as_the_model_says(self) -> None:
        """Git, view and model agree, and the chain is sound."""
        assert self.read() == self.now
        ledger = self.caller.workspace(None).ledger
        assert ledger.verify_chain() == []
        assert ledger.pending() == []
        # What Git has and what the view says is the same, so nothing is left to be found.
        view = ledger.view().items()
        assert {name: view.get(name) for name in self.now if name != HEAD} == {
            name: value for name, value in self.now.items() if name != HEAD
        }
        assert view["main-worktree/HEAD"] == self.now[HEAD]


@pytest.mark.promise("operations.law")
@pytest.mark.timeout(300)
def test_the_pointers_are_what_the_model_says_whatever_two_actors_do() -> None:
    run_state_machine_as_test(  # pyright: ignore[reportUnknownMemberType] - untyped there
        Machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


def test_whoever_amends_anothers_commit_is_who_did_it_and_can_take_it_back() -> None:
    machine = Machine()
    try:
        machine.commit(actor="foo", amend=False, paths=False)
        machine.commit(actor="ada", amend=True, paths=False)
        machine.undo(actor="foo")
        machine.undo(actor="ada")
    finally:
        machine.teardown()
