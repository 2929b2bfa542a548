"""Guards for tests: small programs that write down that they ran."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anvcs.actions.checking import check
from anvcs.config import Check, Config, Guards
from anvcs.guards.model import Evidence
from tests.conftest import Repo


class Bench:
    """A repository whose tree is checked."""

    def __init__(self, repo: Repo, diary: Path) -> None:
        self.repo = repo
        self._diary = diary

    def python(self, body: str, name: str = "ran") -> tuple[str, ...]:
        """A command that writes its name into the diary, then does what the body says."""
        noted = f"import os, sys\nopen({str(self._diary)!r}, 'a').write({name + chr(10)!r})\n"
        return sys.executable, "-c", noted + body

    def check(self, body: str = "", name: str = "ran", **given: Any) -> Check:
        """A check of the configuration that runs such a command."""
        return Check(command=self.python(body, name), **given)

    def ran(self) -> list[str]:
        """What the diary says, sorted, because guards run side by side; then it is empty."""
        lines = self._diary.read_text().splitlines() if self._diary.exists() else []
        self._diary.unlink(missing_ok=True)
        return sorted(lines)

    def run(
        self,
        checks: Mapping[str, Check] | Check,
        *,
        commit: str = "HEAD",
        tree: str | None = None,
        trusted: bool = True,
        settings: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        **given: Any,
    ) -> tuple[Evidence, ...]:
        """Check a commit's tree, or another, with guards of these settings."""
        caller = self.repo.caller()
        caller.env = {**caller.env, **(env or {})}
        caller.trusted = trusted
        named = {"tests": checks} if isinstance(checks, Check) else checks
        config = Config(guards=Guards(checks=dict(named), **(settings or {})))
        wanted = tree or self.repo.git("rev-parse", f"{commit}^{{tree}}")
        return check(caller.workspace(None), wanted, config=config, **given)

    def one(self, wanted: Check, **given: Any) -> Evidence:
        """The evidence of one guard."""
        (evidence,) = self.run(wanted, **given)
        return evidence

    def worktrees(self) -> list[Path]:
        """The scratch worktrees of the repository."""
        folder = Path(self.repo.env["HOME"]) / ".cache" / "anvcs" / "checks"
        return sorted(each for each in folder.glob("*/slot-*/*-check-*") if each.is_dir())


def outcomes(evidence: Sequence[Evidence]) -> dict[str, str]:
    """How each guard did, by name."""
    return {each.guard: each.outcome for each in evidence}
