"""Whatever plain git does between looks: the view is what git says, the ledger is sound, nothing seen is ever lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from anvcs.actions import foreign
from anvcs.errors import NothingToCommitError
from anvcs.gitmirror import pointers
from tests.conftest import IDENTITY, Repo

NAMES = st.sampled_from(["main", "topic", "deep/er"])
FILES = st.sampled_from(["one.txt", "two.txt"])
TEXTS = st.sampled_from(["a\n", "b\n", "c\n"])


class PlainGit(RuleBasedStateMachine):
    """Random plain git, and looks in between. What git refuses is left undone."""

    @initialize()
    def begin(self) -> None:
        """A repository with one commit."""
        self.top = Path(tempfile.mkdtemp(prefix="anvcs-law-"))
        home = self.top / "home"
        home.mkdir()
        (home / ".gitconfig").write_text(IDENTITY)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "XDG_"))}
        env = {**kept, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true"}
        (self.top / "repo").mkdir()
        self.repo = Repo(self.top / "repo", env, home / "config")
        self.repo.git("init", "--quiet")
        self.repo.write("one.txt", "begin\n")
        self.repo.git_commit("begin")
        self.repo.init()
        self.workspace = self.repo.caller().workspace(None)
        self.seen: set[str] = set()

    def teardown(self) -> None:
        """Everything is readable however often git collects."""
        if not hasattr(self, "repo"):
            return
        self.look()
        self.collect()
        shutil.rmtree(self.top, ignore_errors=True)
        self.repo.close()

    def git(self, *args: str) -> None:
        """Run git, which may refuse."""
        subprocess.run(["git", *args], cwd=self.repo.path, env=self.repo.env, capture_output=True, check=False)

    @rule(name=FILES, text=TEXTS)
    def commit(self, name: str, text: str) -> None:
        """Commit a change of one file."""
        self.repo.write(name, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", f"{name} {text}")

    @rule(name=FILES, text=TEXTS)
    def commit_with_us(self, name: str, text: str) -> None:
        """Commit with ANVCS, where there is something to commit."""
        self.repo.write(name, text)
        with suppress(NothingToCommitError):
            self.repo.commit("ours", name)

    @rule(text=TEXTS)
    def amend(self, text: str) -> None:
        """Rewrite the newest commit."""
        self.repo.write("two.txt", text)
        self.git("commit", "--quiet", "--amend", "--all", "-m", f"amended {text}")

    @rule(name=NAMES)
    def branch(self, name: str) -> None:
        """A new branch, or one moved here."""
        self.git("branch", "--force", name)

    @rule(name=NAMES)
    def delete_branch(self, name: str) -> None:
        """A branch less."""
        self.git("branch", "-D", name)

    @rule(old=NAMES, new=NAMES)
    def rename_branch(self, old: str, new: str) -> None:
        """Another name."""
        self.git("branch", "-M", old, new)

    @rule(name=NAMES, detach=st.booleans())
    def checkout(self, name: str, detach: bool) -> None:
        """Somewhere else."""
        self.git("switch", "--quiet", *(["--detach"] if detach else []), name)

    @rule(
        to=st.sampled_from(["HEAD^", "HEAD@{1}", "ORIG_HEAD", "main", "topic"]),
        mode=st.sampled_from(["soft", "hard"]),
    )
    def reset(self, to: str, mode: str) -> None:
        """Back or forth."""
        self.git("reset", "--quiet", f"--{mode}", to)

    @rule(onto=NAMES)
    def rebase(self, onto: str) -> None:
        """Onto another branch; a conflict is given up."""
        self.git("rebase", "--quiet", onto)
        if self.workspace.repo.in_progress() == "rebase":
            self.git("rebase", "--abort")

    @rule(name=NAMES)
    def merge(self, name: str) -> None:
        """With another branch; a conflict is given up."""
        self.git("merge", "--quiet", "--no-edit", name)
        self.git("merge", "--abort")

    @rule(annotated=st.booleans())
    def tag(self, annotated: bool) -> None:
        """A tag, moved."""
        self.git("tag", "--force", *(["-am", "x"] if annotated else []), "v1")

    @rule(text=TEXTS)
    def stash(self, text: str) -> None:
        """Put a change away."""
        self.repo.write("one.txt", text)
        self.git("stash", "push", "--quiet")

    @rule(which=st.sampled_from(["pop", "drop"]), number=st.integers(0, 1))
    def unstash(self, which: str, number: int) -> None:
        """Take one out again."""
        self.git("stash", which, "--quiet", f"stash@{{{number}}}")
        self.git("reset", "--quiet", "--hard")

    @rule()
    def pack(self) -> None:
        """Git's own housekeeping."""
        self.git("pack-refs", "--all")

    @rule()
    def forget_logs(self) -> None:
        """Nothing in the logs any more."""
        self.git("reflog", "expire", "--expire=now", "--all")

    @rule()
    def collect(self) -> None:
        """Git collects what it can; all that a look has seen stays."""
        self.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
        self.git("gc", "--quiet", "--prune=now")
        names = "".join(f"{oid}^{{tree}}\n" for oid in self.seen)
        answers = self.repo.git("cat-file", "--batch-check", stdin=names.encode()).splitlines()
        assert [line for line in answers if line.endswith("missing")] == []

    @rule()
    def look(self) -> None:
        """The law itself."""
        foreign.look(self.workspace)
        view = self.workspace.ledger.view().items()
        now = pointers.read(self.workspace.repo)
        assert {name: value for name, value in view.items() if foreign.is_pointer(name)} == now
        assert foreign.look(self.workspace) == []
        self.seen |= {oid for value in now.values() if not value.startswith("ref: ") for oid in value.split()}
        self.seen |= {oid for oid in self.seen if self.workspace.repo.peel(oid) is not None}
        assert self.workspace.ledger.verify_chain() == []

    @invariant()
    def nobody_complains(self) -> None:
        """No notice of anything that went wrong."""
        if hasattr(self, "workspace"):
            assert [notice for notice in self.workspace.notices if "Put back" not in notice] == []


@pytest.mark.promise("foreign.kept-alive")
@pytest.mark.promise("foreign.view-is-git")
@pytest.mark.timeout(300)
def test_whatever_plain_git_does_the_view_follows_and_nothing_seen_is_lost() -> None:
    unhurried = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        PlainGit,
        settings=settings(max_examples=10, stateful_step_count=15, deadline=None, suppress_health_check=unhurried),
    )
