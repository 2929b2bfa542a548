"""Writing the message in an editor, with the real git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from anvcs.cli.editor import compose
from anvcs.errors import EmptyMessageError, GitFailedError, UnreadableFileError
from anvcs.gitmirror.git import Git


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """An empty repository."""
    settings = tmp_path / "gitconfig"
    settings.touch()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": str(settings),
        "GIT_CONFIG_NOSYSTEM": "1",
        "TERM": "dumb",
    }
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, env=env, check=True)
    return Git(tmp_path / "repo", env)


def edited(git: Git, script: str) -> Git:
    """The same repository with a shell script in the place of the editor; the file is its last argument."""
    editor = git.folder.parent / "my editor"
    editor.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    editor.chmod(0o755)
    return Git(git.folder, {**git.env, "GIT_EDITOR": f"'{editor}' --wait"})


def written(git: Git, message: str, about: str) -> str:
    return compose(git.folder, git.env, message, about)


@pytest.mark.promise("cli.editor")
def test_what_was_written_is_the_message_without_comments(git: Git) -> None:
    writes = edited(git, '[ "$1" = --wait ] && printf "feat: é\\n\\nbody  \\n# no\\n" > "$2"')
    assert written(writes, "", "On stream main\n") == "feat: é\n\nbody\n"


def test_the_editor_shows_the_old_message_and_the_state_as_comments(git: Git) -> None:
    seen = git.folder.parent / "seen"
    assert written(edited(git, f'cat "$2" > {seen}'), "old message\n", "On stream main\n") == "old message\n"
    text = seen.read_text(encoding="utf-8")
    assert text.startswith("old message\n\n# Write the message")
    assert text.endswith("# On stream main\n")


def test_the_comment_character_is_the_users(git: Git) -> None:
    git.output("config", "core.commentChar", ";")
    assert written(edited(git, 'printf "#1 fixed\\n; note\\n" > "$2"'), "", "x\n") == "#1 fixed\n"


def test_the_file_is_the_one_editors_know(git: Git) -> None:
    written(edited(git, 'printf x > "$2"'), "", "x\n")
    assert (git.folder / ".git/COMMIT_EDITMSG").read_text(encoding="utf-8") == "x"


@pytest.mark.promise("cli.editor")
def test_an_unchanged_file_makes_no_commit(git: Git) -> None:
    with pytest.raises(EmptyMessageError):
        written(edited(git, "exit 0"), "", "x\n")


def test_an_editor_that_fails_makes_no_commit(git: Git) -> None:
    with pytest.raises(GitFailedError, match="ended with code 3"):
        written(edited(git, "exit 3"), "", "x\n")


def test_without_an_editor_git_says_so(git: Git) -> None:
    with pytest.raises(GitFailedError, match="git var failed"):
        written(git, "", "x\n")


def test_an_editor_that_takes_the_file_away_makes_no_commit(git: Git) -> None:
    with pytest.raises(UnreadableFileError, match="COMMIT_EDITMSG"):
        written(edited(git, 'rm "$2"'), "", "x\n")
