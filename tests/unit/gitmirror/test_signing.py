"""Signed commits with real keys, checked by ``git verify-commit``."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from anvcs.errors import SigningFailedError
from anvcs.gitmirror import signing
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.settings import Settings

from .conftest import Box

AUTHOR = Ident("Zoë".encode(), b"zoe@example.com", 1_700_000_000, 330)
COMMITTER = Ident(b"Ada Test", b"ada@example.com", 1_700_000_001, -60)
PROGRAMS = ["ssh", *(["openpgp"] if shutil.which("gpg") else [])]


def use_ssh(box: Box) -> None:
    key = box.home / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    allowed = box.home / "allowed"
    allowed.write_text(f"ada@example.com {key.with_suffix('.pub').read_text()}")
    box.run("config", "gpg.format", "ssh")
    box.run("config", "user.signingKey", str(key))
    box.run("config", "gpg.ssh.allowedSignersFile", str(allowed))


@pytest.fixture
def signer(request: pytest.FixtureRequest, box: Box) -> Iterator[Box]:
    """A repository set up to sign by the program asked for."""
    if request.param == "ssh":
        use_ssh(box)
        yield box
        return
    # The agent's socket needs a short path.
    with TemporaryDirectory(prefix="gpg", dir="/tmp") as home:
        box.env["GNUPGHOME"] = home
        spec = ["--batch", "--passphrase", "", "--quick-gen-key", "Ada Test <ada@example.com>", "ed25519", "sign"]
        subprocess.run(["gpg", *spec], env=box.env, check=True, capture_output=True)
        yield box
        subprocess.run(["gpgconf", "--kill", "all"], env=box.env, check=True, capture_output=True)


def make(
    box: Box,
    message: bytes = b"Signed\n\nK: v\n",
    parents: list[str] | None = None,
    encoding: str | None = None,
    key: str | None = None,
) -> str:
    return signing.commit_with_git(
        box.git(),
        tree=box.out("write-tree").decode().strip(),
        parents=parents or [],
        message=message,
        author=AUTHOR,
        committer=COMMITTER,
        encoding=encoding,
        key=key,
    )


@pytest.mark.parametrize("signer", PROGRAMS, indirect=True)
@pytest.mark.promise("gitmirror.signed-by-users-program")
def test_a_signed_commit_is_verified_by_git_and_holds_what_was_given(signer: Box) -> None:
    parents = [signer.commit("a", "one"), signer.commit("b", "two")]
    commit = make(signer, parents=parents)
    assert signer.run("verify-commit", commit).returncode == 0
    header, _, message = signer.out("cat-file", "commit", commit).partition(b"\n\n")
    lines = header.split(b"\n")
    assert lines[1:3] == [b"parent " + parent.encode() for parent in parents]
    assert lines[3:5] == [b"author " + AUTHOR.raw(), b"committer " + COMMITTER.raw()]
    assert b"\ngpgsig -----BEGIN " in header
    assert message == b"Signed\n\nK: v\n"
    assert signer.out("rev-parse", "HEAD").decode().strip() == parents[1]


def test_the_message_stays_byte_for_byte_in_the_named_encoding(box: Box) -> None:
    use_ssh(box)
    commit = make(box, b"caf\xe9\nno line feed", encoding="ISO-8859-1")
    header, _, message = box.out("cat-file", "commit", commit).partition(b"\n\n")
    assert b"\nencoding ISO-8859-1\n" in header
    assert message == b"caf\xe9\nno line feed"


def test_a_configured_encoding_does_not_relabel_what_was_given(box: Box) -> None:
    use_ssh(box)
    box.run("config", "i18n.commitEncoding", "ISO-8859-1")
    commit = make(box, "caf\u00e9\n".encode())
    assert b"\nencoding " not in box.out("cat-file", "commit", commit)


def test_another_key_can_be_given(box: Box) -> None:
    use_ssh(box)
    box.run("config", "user.signingKey", "/no/such/key")
    commit = make(box, key=str(box.home / "key"))
    assert box.run("verify-commit", commit).returncode == 0


def test_the_default_key_command_is_asked(box: Box) -> None:
    use_ssh(box)
    box.run("config", "--unset", "user.signingKey")
    public = (box.home / "key.pub").read_text().strip()
    command = box.home / "default-key"
    command.write_text(f"#!/bin/sh\necho 'key::{public}'\n")
    command.chmod(0o755)
    box.run("config", "gpg.ssh.defaultKeyCommand", str(command))
    agent = start_agent(box)
    try:
        subprocess.run(["ssh-add", "-q", box.home / "key"], env=box.env, check=True, capture_output=True)
        assert box.run("verify-commit", make(box)).returncode == 0
    finally:
        subprocess.run(["ssh-agent", "-k"], env={**box.env, "SSH_AGENT_PID": agent}, check=True, capture_output=True)


def start_agent(box: Box) -> str:
    done = subprocess.run(["ssh-agent", "-s"], env=box.env, check=True, capture_output=True, text=True)
    said = dict(part.split("=", 1) for part in done.stdout.replace("\n", "").split(";") if "=" in part)
    box.env["SSH_AUTH_SOCK"] = said["SSH_AUTH_SOCK"]
    return said["SSH_AGENT_PID"]


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("user.signingKey", "/no/such/key", "/no/such/key"),
        ("gpg.ssh.program", "/no/such/program", "/no/such/program"),
        ("gpg.format", "wax", "wax"),
    ],
)
def test_a_failure_names_the_programs_words_and_writes_nothing(box: Box, setting: str, value: str, words: str) -> None:
    use_ssh(box)
    box.commit()
    box.run("config", setting, value)
    before = objects(box)
    with pytest.raises(SigningFailedError, match=words) as caught:
        make(box)
    assert objects(box) == before
    assert "--no-gpg-sign" in caught.value.way_out


def objects(box: Box) -> set[Path]:
    return set((box.git_dir / "objects").rglob("*"))


@pytest.mark.parametrize(
    ("setting", "override", "wanted"),
    [("true", None, True), ("true", False, False), ("false", True, True), ("false", None, False), (None, None, False)],
)
def test_the_caller_s_word_counts_before_the_setting(
    box: Box, setting: str | None, override: bool | None, wanted: bool
) -> None:
    if setting is not None:
        box.run("config", "commit.gpgSign", setting)
    assert signing.wants_signature(Settings.load(box.git()), override) is wanted
