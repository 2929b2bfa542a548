"""Hooks beside ``git commit``: what they see, what they may do, and what happens when they cannot run."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from anvcs.errors import CancelledError, HookFailedError
from anvcs.gitmirror.hooks import Hooks, configured_events, hooks_folder
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.settings import Settings

from .conftest import Box

DUMP = """#!/bin/sh
{ echo "args: $0 $*"; echo "cwd: $(pwd -P)"; echo "stdin: $(cat)"; env; } > "$DUMP.$(basename "$0")"
"""
ALL = ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-rewrite"]
AUTHOR = Ident(b"Ada Test", b"ada@example.com", 1_700_000_000, 60)


def write_hook(folder: Path, name: str, script: str, mode: int = 0o755) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(script)
    path.chmod(mode)
    return path


def hooks_of(
    box: Box, top: Path | None = None, git_dir: Path | None = None, env: Mapping[str, str] | None = None
) -> Hooks:
    settings = Settings.load(box.git())
    top = top or box.top
    return Hooks(hooks_folder(settings, box.git_dir, top), git_dir or top / ".git", top, env or box.env)


def seen(dump: Path, name: str) -> list[str]:
    """What a hook saw, less what a shell adds by itself."""
    lines = Path(f"{dump}.{name}").read_text().splitlines()
    return sorted(line for line in lines if not line.startswith(("_=", "SHLVL=", "OLDPWD=", "DUMP=", "PWD=")))


def dump_both(
    box: Box, tmp_path: Path, top: Path, git_dir: Path, *, prefix: str = "", common_dir: Path | None = None, **env: str
) -> None:
    """Run all hooks of an amending ``git commit -m`` and of ours, and compare all they saw."""
    date = "--date=@1700000000 +0100"
    env = {**box.env, **env, "GIT_COMMITTER_DATE": "@1700000000 +0100"}
    git_s, ours = tmp_path / "git", tmp_path / "ours"
    before = box.out("rev-parse", "HEAD", cwd=top).decode().strip()
    commit = ("commit", "-q", "--amend", date, "--allow-empty", "-m", "x")
    box.run(*commit, cwd=top / prefix, env={**env, "DUMP": str(git_s)})
    after = box.out("rev-parse", "HEAD", cwd=top).decode().strip()

    settings = Settings.load(box.git(top))
    env["DUMP"] = str(ours)
    hooks = Hooks(hooks_folder(settings, common_dir or box.git_dir, top), git_dir, top, env, prefix=prefix)
    message = git_dir / "COMMIT_EDITMSG"
    extra = AUTHOR.env("AUTHOR")
    hooks.pre_commit(extra_env=extra)
    hooks.prepare_commit_msg(message, "message", extra_env=extra)
    hooks.commit_msg(message, extra_env=extra)
    hooks.post_commit(extra_env=extra)
    hooks.post_rewrite("amend", [(before, after)], extra_env=extra)
    for name in ALL:
        assert seen(ours, name) == seen(git_s, name), name


@pytest.mark.promise("gitmirror.hooks-as-git")
def test_hooks_see_what_git_commit_shows_them(box: Box, tmp_path: Path) -> None:
    box.commit("sub/file")
    for name in ALL:
        write_hook(box.git_dir / "hooks", name, DUMP)
    dump_both(box, tmp_path, box.top, box.git_dir)
    dump_both(box, tmp_path, box.top, box.git_dir, prefix="sub/")


def test_hooks_of_a_linked_worktree_see_what_git_commit_shows_them(box: Box, tmp_path: Path) -> None:
    box.commit()
    linked = tmp_path / "linked"
    box.run("worktree", "add", "-q", str(linked))
    for name in ALL:
        write_hook(box.git_dir / "hooks", name, DUMP)
    dump_both(box, tmp_path, linked, box.git_dir / "worktrees" / "linked")


def test_hooks_of_a_submodule_see_what_git_commit_shows_them(box: Box, tmp_path: Path) -> None:
    box.commit()
    box.run("-c", "protocol.file.allow=always", "submodule", "-q", "add", str(box.top), "module")
    git_dir = box.git_dir / "modules" / "module"
    module = Box(box.top / "module", box.env, box.home)
    module.run("config", "user.name", "Ada Test")
    module.run("config", "user.email", "ada@example.com")
    for name in ALL:
        write_hook(git_dir / "hooks", name, DUMP)
    dump_both(module, tmp_path, module.top, git_dir, common_dir=git_dir)


def test_hooks_with_a_git_dir_from_the_environment_see_what_git_commit_shows_them(box: Box, tmp_path: Path) -> None:
    box.commit()
    for name in ALL:
        write_hook(box.git_dir / "hooks", name, DUMP)
    dump_both(box, tmp_path, box.top, box.git_dir, GIT_DIR=".git")


def test_hooks_from_a_configured_folder_see_what_git_commit_shows_them(box: Box, tmp_path: Path) -> None:
    box.commit()
    box.run("config", "core.hooksPath", ".husky")
    for name in ALL:
        write_hook(box.top / ".husky", name, DUMP)
    dump_both(box, tmp_path, box.top, box.git_dir)


def test_a_hook_is_told_the_candidate_index(box: Box, tmp_path: Path) -> None:
    write_hook(box.git_dir / "hooks", "pre-commit", '#!/bin/sh\necho "$GIT_INDEX_FILE"\n')
    candidate = tmp_path / "candidate"
    assert hooks_of(box).pre_commit(candidate).output == f"{candidate}\n"


@pytest.mark.parametrize("configured", [None, "~/mine", "hooks-here", "/"])
def test_the_folder_is_the_one_git_uses(box: Box, configured: str | None) -> None:
    if configured is not None:
        box.run("config", "core.hooksPath", configured)
    shown = Path(os.fsdecode(box.out("rev-parse", "--git-path", "hooks")).removesuffix("\n"))
    assert hooks_folder(Settings.load(box.git()), box.git_dir, box.top) == box.top / shown


def test_what_is_missing_or_not_executable_does_not_run(box: Box) -> None:
    hooks = hooks_of(box)
    folder = box.git_dir / "hooks"
    assert hooks.run("pre-commit").ran is False
    write_hook(folder, "pre-commit", "#!/bin/sh\nexit 1\n", mode=0o644)
    assert not hooks.exists("pre-commit")
    done = box.run("commit", "-q", "--allow-empty", "-m", "x")
    result = hooks.pre_commit()
    assert (result.ran, result.returncode) == (False, 0)
    hint = done.stderr.decode().replace("hint: ", "").splitlines()[0]
    assert result.output.splitlines()[0] == hint


def test_the_hint_can_be_switched_off(box: Box) -> None:
    write_hook(box.git_dir / "hooks", "pre-commit", "#!/bin/sh\n", mode=0o644)
    hooks = Hooks(box.git_dir / "hooks", box.git_dir, box.top, box.env, advise=False)
    assert hooks.notice("pre-commit") == ""


def test_a_refusal_carries_both_streams_in_order(box: Box) -> None:
    script = "#!/bin/sh\necho one\necho two >&2\necho three\nprintf '\\377'\nexit 3\n"
    write_hook(box.git_dir / "hooks", "pre-commit", script)
    with pytest.raises(HookFailedError, match=r"pre-commit hook refused the commit \(exit code 3\)") as caught:
        hooks_of(box).pre_commit()
    assert caught.value.output == "one\ntwo\nthree\n�"
    assert "--no-verify" in caught.value.way_out


def test_a_message_hook_that_no_option_skips_does_not_offer_to(box: Box) -> None:
    write_hook(box.git_dir / "hooks", "prepare-commit-msg", "#!/bin/sh\nexit 1\n")
    with pytest.raises(HookFailedError) as caught:
        hooks_of(box).prepare_commit_msg(box.git_dir / "COMMIT_EDITMSG")
    assert "--no-verify" not in caught.value.way_out


def test_a_hook_killed_by_a_signal_has_refused(box: Box) -> None:
    write_hook(box.git_dir / "hooks", "pre-commit", "#!/bin/sh\nkill -9 $$\n")
    assert hooks_of(box).run("pre-commit").returncode == 128 + 9


@pytest.mark.parametrize("script", ["echo shell $1\n", "\necho shell $1\n"])
def test_a_hook_without_a_first_line_goes_to_the_shell_as_in_git(box: Box, script: str) -> None:
    write_hook(box.git_dir / "hooks", "pre-commit", script)
    done = box.run("commit", "-q", "--allow-empty", "-m", "x")
    assert hooks_of(box).pre_commit().output == done.stderr.decode() == "shell\n"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("#!/no/such/interpreter -x\n", "its interpreter /no/such/interpreter -x does not exist"),
        ("#!/bin/sh\r\n", r"its interpreter /bin/sh\\r does not exist"),
        ("#!/\n", "Permission denied"),
    ],
)
def test_a_hook_that_cannot_start_is_a_clear_refusal(box: Box, script: str, reason: str) -> None:
    write_hook(box.git_dir / "hooks", "pre-commit", script)
    assert box.run("commit", "--allow-empty", "-m", "x", check=False).returncode
    with pytest.raises(HookFailedError, match=f"pre-commit hook cannot be started: {reason}"):
        hooks_of(box).pre_commit()


def test_a_folder_in_place_of_a_hook_refuses_as_in_git(box: Box) -> None:
    (box.git_dir / "hooks" / "commit-msg").mkdir()
    assert box.run("commit", "--allow-empty", "-m", "x", check=False).returncode
    with pytest.raises(HookFailedError, match="Permission denied"):
        hooks_of(box).commit_msg(box.git_dir / "COMMIT_EDITMSG")


def test_a_hook_after_the_commit_can_fail_no_more(box: Box) -> None:
    write_hook(box.git_dir / "hooks", "post-commit", "#!/no/such/interpreter\n")
    write_hook(box.git_dir / "hooks", "post-rewrite", "#!/bin/sh\ncat; exit 4\n")
    hooks = hooks_of(box)
    assert "cannot be started" in hooks.post_commit().output
    result = hooks.post_rewrite("amend", [("a" * 40, "b" * 40)])
    assert (result.returncode, result.output) == (4, f"{'a' * 40} {'b' * 40}\n")


def test_a_background_process_of_a_hook_is_not_waited_for(box: Box) -> None:
    write_hook(box.git_dir / "hooks", "post-commit", "#!/bin/sh\nsleep 20 &\necho done $!\n")
    begin = time.monotonic()
    output = hooks_of(box).post_commit().output
    assert time.monotonic() - begin < 10
    os.kill(int(output.split()[1]), 9)


def test_a_cancelled_hook_ends_with_all_it_started(box: Box, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    write_hook(
        box.git_dir / "hooks",
        "pre-commit",
        f"#!/bin/sh\nsleep 60 &\necho $$ $! > '{pids}.new'; mv '{pids}.new' '{pids}'\nwait\n",
    )
    hooks = Hooks(box.git_dir / "hooks", box.git_dir, box.top, box.env, cancelled=pids.exists)
    with pytest.raises(CancelledError, match="pre-commit"):
        hooks.pre_commit()
    assert all(has_ended(int(pid)) for pid in pids.read_text().split())


def has_ended(pid: int) -> bool:
    """A process that was told to end has done so: its signal may reach it only after its parent is gone."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 10)[0])
    finally:
        os.close(process)


def test_a_hook_that_will_not_end_is_killed(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anvcs.gitmirror.hooks._GRACE_SECONDS", 0.2)
    ready = tmp_path / "ready"
    write_hook(
        box.git_dir / "hooks", "pre-commit", f"#!/bin/sh\ntrap '' TERM\ntouch '{ready}'\nwhile :; do sleep 0.05; done\n"
    )
    hooks = Hooks(box.git_dir / "hooks", box.git_dir, box.top, box.env, cancelled=ready.exists)
    with pytest.raises(CancelledError):
        hooks.pre_commit()


def test_a_hook_may_run_while_nobody_cancels(box: Box) -> None:
    write_hook(box.git_dir / "hooks", "pre-commit", "#!/bin/sh\nsleep 0.3\necho slow\n")
    asked = threading.Event()

    def cancelled() -> bool:
        asked.set()
        return False

    hooks = Hooks(box.git_dir / "hooks", box.git_dir, box.top, box.env, cancelled=cancelled)
    assert hooks.pre_commit().output == "slow\n"
    assert asked.is_set()


def test_hooks_named_in_settings_are_left_to_git(box: Box) -> None:
    box.run("config", "hook.linter.event", "pre-commit")
    box.run("config", "--add", "hook.linter.event", "commit-msg")
    box.run("config", "hook.linter.command", "true")
    events = configured_events(Settings.load(box.git()))
    assert events == {"pre-commit", "commit-msg"}
    write_hook(box.git_dir / "hooks", "pre-commit", '#!/bin/sh\necho "ran $# $GIT_INDEX_FILE $GIT_EDITOR"\n')
    hooks = Hooks(box.git_dir / "hooks", box.git_dir, box.top, box.env, configured=events)
    assert hooks.exists("commit-msg")
    assert hooks.pre_commit().output == "ran 0 .git/index :\n"
