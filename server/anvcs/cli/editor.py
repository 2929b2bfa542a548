"""Writing a commit message in the user's editor, as git does."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from anvcs.errors import EmptyMessageError, GitFailedError, UnreadableFileError
from anvcs.gitmirror.git import Git

_ADVICE = """\
Write the message of the commit. Lines that start with the comment
character are left out, and an empty message stops the commit.

"""


def compose(folder: Path, env: Mapping[str, str], message: str, about: str) -> str:
    """The message the user writes, starting from ``message``; ``about`` stands below it as comments.

    Raises EmptyMessageError if nothing was written, GitFailedError if there is no editor or it fails.
    """
    git = Git(folder, env)
    comments = git.output("stripspace", "--comment-lines", stdin=(_ADVICE + about).encode())
    # The name and place that git uses, so that editors know what it is and a lost message is found again.
    file = git.folder / git.text("rev-parse", "--git-path", "COMMIT_EDITMSG")
    try:
        file.write_bytes(message.encode() + b"\n" + comments)
        _edit(git, env, file)
        written = file.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{file} cannot be used: {error.strerror}.", "Give the message with -m.") from error
    text = git.output("stripspace", "--strip-comments", stdin=written).decode("utf-8", "replace")
    if not text:
        raise EmptyMessageError("The message is empty, so there is no commit.", "Write one, or give it with -m.")
    return text


def _edit(git: Git, env: Mapping[str, str], file: Path) -> None:
    editor = git.text("var", "GIT_EDITOR")
    # Users write shell commands into core.editor, and git runs them like this.
    done = subprocess.run(["sh", "-c", f'{editor} "$@"', editor, str(file)], check=False, cwd=git.folder, env=env)
    if done.returncode:
        raise GitFailedError(
            f"The editor ({editor}) ended with code {done.returncode}, so there is no commit.",
            "Set another with git config core.editor, or give the message with -m.",
        )
