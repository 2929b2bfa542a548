"""The user's own hooks, found and started as git does for a commit that opens no editor."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from anvcs.errors import CancelledError, HookFailedError
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.settings import Settings

_POLL_SECONDS = 0.1
_GRACE_SECONDS = 5.0
"""How long a cancelled hook may clean up before it is killed."""

NO_ENV: Mapping[str, str] = {}


class HookResult(msgspec.Struct, frozen=True):
    """What a hook did."""

    returncode: int
    """0 if it agreed; 128 + n if signal n ended it."""
    output: str
    """Both its streams as they came, or the reason why it did not run."""
    ran: bool = True


def hooks_folder(settings: Settings, common_dir: Path, work_tree: Path) -> Path:
    """Where git looks for hooks: ``core.hooksPath``, relative to the work tree, else the repository's own."""
    configured = settings.path("core.hooksPath")
    return common_dir / "hooks" if configured is None else work_tree / configured


def configured_events(settings: Settings) -> frozenset[str]:
    """The hooks that git 2.54 and later take from ``hook.<name>.event``."""
    events: set[str] = set()
    for key in settings.names("hook."):
        if key.endswith(".event"):
            events.update(event for event in settings.all(key) if event)
    return frozenset(events)


class Hooks:
    """One worktree's hooks.

    ``env`` is the caller's whole environment, ``prefix`` the caller's folder relative to the work tree with a final
    ``/`` (git shows it to hooks). ``configured`` names the hooks that only git can find (:func:`configured_events`),
    ``advise`` is ``advice.ignoredHook``, and ``cancelled`` is asked while a hook runs.
    """

    def __init__(
        self,
        folder: Path,
        git_dir: Path,
        work_tree: Path,
        env: Mapping[str, str],
        *,
        prefix: str = "",
        configured: frozenset[str] = frozenset(),
        advise: bool = True,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self.folder = folder
        self._git_dir = git_dir
        self._work_tree = work_tree
        self._env = env
        self._prefix = prefix
        self._configured = configured
        self._advise = advise
        self._cancelled = cancelled

    def exists(self, name: str) -> bool:
        """Whether git would run a hook of this name."""
        return name in self._configured or os.access(self.folder / name, os.X_OK)

    def notice(self, name: str) -> str:
        """Git's hint about a hook that is there but not executable, or nothing."""
        path = self.folder / name
        if not self._advise or self.exists(name) or not path.exists():
            return ""
        return (
            f"The '{self._shown(path)}' hook was ignored because it's not set as executable.\n"
            "You can disable this warning with `git config set advice.ignoredHook false`.\n"
        )

    # The hooks of a commit, in the order of their call

    def pre_commit(self, index_file: Path | None = None, extra_env: Mapping[str, str] = NO_ENV) -> HookResult:
        """Let it see and change the candidate index. Raises HookFailedError if it refuses."""
        return self._gate("pre-commit", index_file=index_file, extra_env=extra_env)

    def prepare_commit_msg(
        self,
        message_file: Path,
        source: str | None = None,
        commit: str | None = None,
        *,
        index_file: Path | None = None,
        extra_env: Mapping[str, str] = NO_ENV,
    ) -> HookResult:
        """Let it rewrite the message; ``source`` is message, template, merge, squash or commit (then with its name).

        Raises HookFailedError if it refuses.
        """
        about = [word for word in (source, commit) if word is not None]
        return self._gate(
            "prepare-commit-msg", self._shown(message_file), *about, index_file=index_file, extra_env=extra_env
        )

    def commit_msg(
        self, message_file: Path, *, index_file: Path | None = None, extra_env: Mapping[str, str] = NO_ENV
    ) -> HookResult:
        """Let it check and rewrite the message. Raises HookFailedError if it refuses."""
        return self._gate("commit-msg", self._shown(message_file), index_file=index_file, extra_env=extra_env)

    def post_commit(self, extra_env: Mapping[str, str] = NO_ENV) -> HookResult:
        """Tell it of the commit, which stands whatever it answers."""
        return self._told("post-commit", index_file=self._git_dir / "index", extra_env=extra_env)

    def post_rewrite(
        self, cause: str, rewritten: Sequence[tuple[str, str]], extra_env: Mapping[str, str] = NO_ENV
    ) -> HookResult:
        """Tell it which commits became which; ``cause`` is amend or rebase."""
        lines = "".join(f"{old} {new}\n" for old, new in rewritten)
        return self._told("post-rewrite", cause, stdin=lines.encode("ascii"), index_file=None, extra_env=extra_env)

    # Running

    def run(
        self,
        name: str,
        *args: str,
        stdin: bytes = b"",
        extra_env: Mapping[str, str] = NO_ENV,
        index_file: Path | None = None,
    ) -> HookResult:
        """Run a hook to its end. With an index it is told, as by ``git commit``, which one and that no editor comes.

        Raises HookFailedError if it cannot be started and CancelledError when the caller gives up.
        """
        if not self.exists(name):
            return HookResult(0, self.notice(name), ran=False)
        env = self._environment(extra_env, index_file)
        # Files, not pipes: a hook that leaves a background process behind must not keep us waiting for its end.
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            child = self._start(name, args, env, given.fileno() if stdin else subprocess.DEVNULL, output.fileno())
            try:
                self._wait(child, name)
            except BaseException:
                _end(child)
                raise
            output.seek(0)
            said = output.read().decode("utf-8", "replace")
        code = child.returncode
        return HookResult(128 - code if code < 0 else code, said)

    def _gate(
        self, name: str, *args: str, index_file: Path | None, extra_env: Mapping[str, str] = NO_ENV
    ) -> HookResult:
        result = self.run(name, *args, index_file=index_file or self._git_dir / "index", extra_env=extra_env)
        if result.returncode:
            raise HookFailedError(
                f"The {name} hook refused the commit (exit code {result.returncode}).",
                "Correct what it reports and commit again."
                + ("" if name == "prepare-commit-msg" else " --no-verify goes past it and is recorded."),
                output=result.output,
            )
        return result

    def _told(
        self, name: str, *args: str, stdin: bytes = b"", index_file: Path | None, extra_env: Mapping[str, str]
    ) -> HookResult:
        try:
            return self.run(name, *args, stdin=stdin, index_file=index_file, extra_env=extra_env)
        except HookFailedError as error:
            return HookResult(127, f"{error}\n", ran=False)

    def _start(
        self, name: str, args: Sequence[str], env: Mapping[str, str], stdin: int, stdout: int
    ) -> subprocess.Popen[bytes]:
        path = self._shown(self.folder / name)
        if name in self._configured or os.name == "nt":
            feed = ["--to-stdin=/dev/stdin"] if stdin != subprocess.DEVNULL else []
            command = ["git", "hook", "run", *feed, name, "--", *args]
        else:
            command = [path, *args]

        def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
            # A session of its own, so that a cancelled hook's children end with it and none waits for a terminal.
            return subprocess.Popen(
                command, cwd=self._work_tree, env=env, stdin=stdin, stdout=stdout, stderr=stdout, start_new_session=True
            )

        try:
            return start(command)
        except OSError as error:
            if error.errno == errno.ENOEXEC:
                # No #! line: git, like execvp, gives it to the shell.
                return start(["/bin/sh", *command])
            raise HookFailedError(
                f"The {name} hook cannot be started: {_why(self.folder / name, error)}.",
                f"Correct its first line, or remove {path}.",
            ) from error

    def _wait(self, child: subprocess.Popen[bytes], name: str) -> None:
        if self._cancelled is None:
            child.wait()
            return
        # A thread, because a wait with a timeout only looks now and then, which every short hook would pay for.
        waiter = threading.Thread(target=child.wait, name=f"hook {name}", daemon=True)
        waiter.start()
        while waiter.is_alive():
            waiter.join(_POLL_SECONDS)
            if waiter.is_alive() and self._cancelled():
                raise CancelledError(f"Cancelled while the {name} hook ran.", "Nothing was changed.")

    def _environment(self, extra: Mapping[str, str], index_file: Path | None) -> dict[str, str]:
        exec_path = _exec_path(self._env.get("PATH"), self._env.get("GIT_EXEC_PATH"))
        env = {**self._env, "GIT_EXEC_PATH": exec_path, "GIT_PREFIX": self._prefix}
        env["PATH"] = os.pathsep.join(part for part in (exec_path, self._env.get("PATH")) if part)
        if "GIT_DIR" in env or self._git_dir != self._work_tree / ".git":
            env["GIT_DIR"] = self._shown(self._git_dir)
        if "GIT_WORK_TREE" in env:
            env["GIT_WORK_TREE"] = str(self._work_tree)
        if index_file is not None:
            env["GIT_INDEX_FILE"] = self._shown(index_file)
            env["GIT_EDITOR"] = ":"
        return {**env, **extra}

    def _shown(self, path: Path) -> str:
        """The path as git passes it on: relative where it lies in the work tree, which is the hook's folder."""
        return str(path.relative_to(self._work_tree)) if path.is_relative_to(self._work_tree) else str(path)


@lru_cache(maxsize=8)
def _exec_path(path: str | None, given: str | None) -> str:
    """Where git keeps its programs; it goes before everything else in a hook's PATH."""
    env = {key: value for key, value in (("PATH", path), ("GIT_EXEC_PATH", given)) if value is not None}
    return Git(Path("/"), env).text("--exec-path")


def _why(path: Path, error: OSError) -> str:
    """Why the system would not start it; for a missing interpreter it names the script, which is there."""
    with contextlib.suppress(OSError), path.open("rb") as script:
        first = script.readline(256).decode("utf-8", "replace")
        if isinstance(error, FileNotFoundError) and first.startswith("#!") and first[2:].strip():
            shown = first[2:].strip(" \t\n").replace("\r", "\\r")
            return f"its interpreter {shown} does not exist"
    return error.strerror or str(error)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the hook and all it started to end, then make them."""
    if os.name == "nt":
        child.kill()
        child.wait()
        return
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, sign)
        except (ProcessLookupError, PermissionError):
            child.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE_SECONDS)
