"""Identities against ``git var`` and ``git commit``."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anvcs.errors import MissingIdentityError, UsageError
from anvcs.gitmirror import identity
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.settings import Settings

from .conftest import Box

REAL = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class SilentGit(Git):
    """Fails the test if git is started to find an identity."""

    def run(
        self, *args: str | bytes | Path, stdin: bytes = b"", extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Take note, and run."""
        assert args[0] != "var"
        return super().run(*args, stdin=stdin, extra=extra)


def both(git: Git) -> tuple[Ident, Ident]:
    loaded = Settings.load(git)
    return identity.author(git, loaded, lambda: 1_700_000_000.9), identity.committer(git, loaded, lambda: 1.7e9)


def who(line: bytes) -> bytes:
    return line.rpartition(b">")[0] + b">"


def test_the_usual_identity_needs_no_git(box: Box) -> None:
    author, committer = both(SilentGit(box.top, box.env))
    assert author.raw() == committer.raw() == b"Ada Test <ada@example.com> 1700000000 +0000"


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"GIT_AUTHOR_NAME": "Env Author"},
        {"GIT_AUTHOR_NAME": " Spaced,. ", "GIT_AUTHOR_EMAIL": "<x@y>"},
        {"GIT_COMMITTER_NAME": "Com", "GIT_COMMITTER_EMAIL": "c@d"},
        {"GIT_COMMITTER_EMAIL": ""},
        {"EMAIL": "unused@example.com"},
        {"GIT_AUTHOR_DATE": "@1500000000 +0530", "GIT_COMMITTER_DATE": "2020-02-03T04:05:06-0800"},
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "author.name", "GIT_CONFIG_VALUE_0": "Configured"},
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "committer.email", "GIT_CONFIG_VALUE_0": "com@x"},
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "author.name", "GIT_CONFIG_VALUE_0": ""},
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "true"},
    ],
)
@pytest.mark.promise("gitmirror.identity-as-git")
def test_author_and_committer_are_those_of_git_commit(box: Box, env: dict[str, str]) -> None:
    author, committer = both(box.git(env=env))
    box.run("commit", "-q", "--allow-empty", "-m", "x", env=env)
    lines = box.out("cat-file", "commit", "HEAD").split(b"\n")
    assert b"author " + who(author.raw()) == who(lines[1])
    assert b"committer " + who(committer.raw()) == who(lines[2])
    if "GIT_AUTHOR_DATE" in env:
        assert b"author " + author.raw() == lines[1]
        assert b"committer " + committer.raw() == lines[2]


@REAL
@given(name=st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=8))
def test_names_are_cleaned_as_git_cleans_them(box: Box, name: str) -> None:
    git = box.git(env={"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": name + "@x"})
    done = git.run("var", "GIT_AUTHOR_IDENT")
    loaded = Settings.load(git)
    if done.returncode:
        with pytest.raises(MissingIdentityError):
            identity.author(git, loaded, lambda: 0)
    else:
        assert who(identity.author(git, loaded, lambda: 0).raw()) == who(done.stdout)


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "EST5EDT", "XYZ-3:30", "Nowhere/Land", ""]
)
@pytest.mark.parametrize("seconds", [1_700_000_000, 1_720_000_000])
def test_the_offset_is_the_one_git_uses(box: Box, zone: str, seconds: int) -> None:
    git = box.git(env={"TZ": zone})
    found = identity.author(git, Settings.load(git), lambda: seconds)
    shown = box.out("log", "-1", "--date=iso-local", "--format=%ad", dated(box, seconds), env={"TZ": zone}).split()[2]
    here = box.out("var", "GIT_AUTHOR_IDENT", env={"TZ": zone}).split()[-1]
    # An odd zone is git's to answer, and git only answers for the present.
    assert found.raw().split()[-1] in (
        {shown} if identity.local_offset(git.env, seconds) is not None else {shown, here}
    )


def dated(box: Box, seconds: int) -> str:
    tree = box.out("hash-object", "-t", "tree", "-w", "--stdin").decode().strip()
    env = {"GIT_AUTHOR_DATE": f"@{seconds} +0000"}
    return box.out("commit-tree", tree, "-m", "x", env=env).decode().strip()


def test_without_a_zone_the_machine_s_own_counts(box: Box) -> None:
    del box.env["TZ"]
    found = identity.author(box.git(), Settings.load(box.git()))
    assert found.raw().split()[-1] == box.out("var", "GIT_AUTHOR_IDENT").split()[-1]


@pytest.mark.parametrize(
    "env",
    [
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "true"},
        {"GIT_AUTHOR_NAME": "", "GIT_AUTHOR_EMAIL": "x@y"},
        {"GIT_AUTHOR_NAME": ":;<>", "GIT_AUTHOR_EMAIL": "x@y"},
    ],
)
def test_where_git_knows_nobody_neither_do_we(bare_box: Box, env: dict[str, str]) -> None:
    bare_box.run("init", "-q")
    refused = bare_box.run("commit", "--allow-empty", "-m", "x", check=False, env=env)
    assert refused.returncode
    with pytest.raises(MissingIdentityError) as caught:
        both(bare_box.git(env=env))
    assert "git config --global user.name" in caught.value.way_out
    assert "author is" in caught.value.message


def test_a_date_that_git_cannot_read_is_a_usage_error(box: Box) -> None:
    with pytest.raises(UsageError, match="GIT_AUTHOR_DATE"):
        both(box.git(env={"GIT_AUTHOR_DATE": "yesterday at noonish in spring"}))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"A B <a@b> 1700000000 -0330", Ident(b"A B", b"a@b", 1700000000, -210)),
        (b"<a@b> 5 +0000", Ident(b"", b"a@b", 5, 0)),
        (b"A <a@b>", Ident(b"A", b"a@b", 0, 0)),
        (b"A <a@b> 7 +1400\n", Ident(b"A", b"a@b", 7, 840)),
    ],
)
def test_a_line_of_a_commit_is_read_back(line: bytes, expected: Ident) -> None:
    assert Ident.parse(line) == expected


def test_a_line_without_an_address_is_refused() -> None:
    with pytest.raises(UsageError, match="Name <address>"):
        Ident.parse(b"just a name")


@given(
    st.builds(
        Ident,
        st.binary(max_size=9).map(identity.without_crud),
        st.binary(max_size=9).map(identity.without_crud),
        st.integers(0, 2**40),
        st.integers(-14 * 60, 14 * 60),
    )
)
def test_what_is_written_reads_back_the_same(ident: Ident) -> None:
    assert Ident.parse(ident.raw()) == ident


def test_the_variables_make_git_use_exactly_this_identity(box: Box) -> None:
    ident = Ident("Zoë".encode(), b"z@x", 1_234_567_890, -210)
    assert box.out("var", "GIT_AUTHOR_IDENT", env=ident.env("AUTHOR")).strip() == ident.raw()
