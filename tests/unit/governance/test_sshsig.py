"""Signatures in OpenSSH's format, with the real ssh-keygen as the oracle."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from hypothesis import given
from hypothesis import strategies as st

from anvcs.actors import KeySigner
from anvcs.errors import CorruptStoreError, UsageError
from anvcs.governance import sshsig
from tests.unit.governance.keys import signer

MESSAGES = [b"", b"hello\n", b"\x00\xff" * 50_000, "tree 4b82\nauthor Größe\n\nsay\n".encode()]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An Ed25519 key that ssh-keygen made."""
    path = tmp_path_factory.mktemp("keys") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ada on her laptop", "-f", path], check=True)
    return path


@pytest.fixture(scope="module")
def ada(key: Path) -> KeySigner:
    """The same key in our hands."""
    private = load_ssh_private_key(key.read_bytes(), None)
    assert isinstance(private, Ed25519PrivateKey)
    return KeySigner("human:ada@example.org", private, private.public_key().public_bytes_raw())


def ssh_sign(key: Path, message: bytes, namespace: str, *options: str) -> bytes:
    """What ssh-keygen signs."""
    arguments = ["ssh-keygen", "-Y", "sign", *options, "-n", namespace, "-f", key]
    return subprocess.run(arguments, input=message, capture_output=True, check=True).stdout


def ssh_verifies(folder: Path, signature: bytes, message: bytes, namespace: str, public: str) -> bool:
    """Whether ssh-keygen accepts a signature."""
    (folder / "allowed").write_text(f"ada {public}\n")
    (folder / "sig").write_bytes(signature)
    arguments = ["ssh-keygen", "-Y", "verify", "-f", folder / "allowed", "-I", "ada", "-n", namespace]
    done = subprocess.run([*arguments, "-s", folder / "sig"], input=message, capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.parametrize("namespace", [sshsig.GIT, sshsig.ANVCS, "file"])
@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.promise("identity.ssh-byte-equal")
def test_a_signature_is_byte_for_byte_that_of_ssh_keygen(
    key: Path, ada: KeySigner, message: bytes, namespace: str
) -> None:
    assert sshsig.sign(ada, message, namespace) == ssh_sign(key, message, namespace)


@pytest.mark.parametrize("message", MESSAGES)
def test_ssh_keygen_accepts_our_signatures_and_refuses_them_for_anything_else(
    tmp_path: Path, ada: KeySigner, message: bytes
) -> None:
    made, public = sshsig.sign(ada, message, "git"), sshsig.key_text(ada.public_key)
    assert ssh_verifies(tmp_path, made, message, "git", public)
    assert not ssh_verifies(tmp_path, made, message + b"!", "git", public)
    assert not ssh_verifies(tmp_path, made, message, "file", public)


@pytest.mark.parametrize("options", [[], ["-O", "hashalg=sha256"]])
def test_we_accept_what_ssh_keygen_signs_with_either_hash(key: Path, ada: KeySigner, options: list[str]) -> None:
    made = ssh_sign(key, b"hello", "git", *options)
    assert sshsig.verify(made, b"hello", "git") == ada.public_key
    assert sshsig.verify(made, b"hullo", "git") is None
    assert sshsig.verify(made, b"hello", "file") is None


def test_a_bare_signature_is_the_armoured_one_without_its_armour(ada: KeySigner) -> None:
    raw = sshsig.sign_raw(ada, b"hello", "anvcs")
    assert sshsig.armor(raw) == sshsig.sign(ada, b"hello", "anvcs")
    assert sshsig.parse(raw) == sshsig.parse(sshsig.armor(raw))
    assert sshsig.verify(raw, b"hello", "anvcs") == ada.public_key


def test_a_signature_needs_a_namespace(ada: KeySigner) -> None:
    with pytest.raises(ValueError, match="namespace"):
        sshsig.sign(ada, b"hello", "")


def test_keys_are_written_as_ssh_keygen_writes_them(key: Path, ada: KeySigner) -> None:
    line = key.with_suffix(".pub").read_text()
    assert line.startswith(sshsig.key_text(ada.public_key) + " ")
    for text in (line, line.split(" ada")[0], f"  {line}\n"):
        assert sshsig.public_key(text) == ada.public_key
    shown = subprocess.run(["ssh-keygen", "-l", "-f", key], capture_output=True, check=True).stdout.decode()
    assert sshsig.fingerprint(ada.public_key) == shown.split()[1]


BLOB = sshsig.key_blob(bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 !!!!",
        "ssh-ed25519 AAAA",
        "ssh-rsa " + base64.b64encode(BLOB).decode(),
        "ssh-ed25519 " + base64.b64encode(BLOB[:-1]).decode(),
        "ssh-ed25519 " + base64.b64encode(BLOB + b"x").decode(),
        "ssh-ed25519 " + base64.b64encode(BLOB.replace(b"ssh-ed25519", b"ssh-ed25518")).decode(),
        "ssh-ed25519 " + base64.b64encode(BLOB).decode() + "\nssh-ed25519 " + base64.b64encode(BLOB).decode(),
        "x" * 10_000,
    ],
)
def test_what_is_no_ed25519_key_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(UsageError, match="not an Ed25519 public key") as refused:
        sshsig.public_key(text)
    assert "ssh-ed25519 AAAA" in refused.value.way_out
    assert len(refused.value.message) < 200


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_signature_by_another_kind_of_key_is_no_signature_of_ours(tmp_path: Path, kind: str) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", tmp_path / "key"], check=True)
    made = ssh_sign(tmp_path / "key", b"hello", "git")
    assert sshsig.is_armored(made)
    with pytest.raises(CorruptStoreError, match="not an Ed25519 key"):
        sshsig.parse(made)
    assert sshsig.verify(made, b"hello", "git") is None


WHOLE = sshsig.sign_raw(signer("agent:foo"), b"hello", "git")


@pytest.mark.parametrize("bit", [1, 128])
def test_no_changed_byte_goes_unnoticed(bit: int) -> None:
    for at in range(len(WHOLE)):
        changed = bytearray(WHOLE)
        changed[at] ^= bit
        assert sshsig.verify(bytes(changed), b"hello", "git") is None, at


@given(st.binary(max_size=200) | st.sampled_from([WHOLE[:size] for size in range(len(WHOLE))]))
def test_anything_else_is_refused_and_never_breaks(data: bytes) -> None:
    for each in (data, sshsig.armor(data), b"-----BEGIN SSH SIGNATURE-----" + data):
        assert sshsig.verify(each, b"hello", "git") is None
        with pytest.raises(CorruptStoreError, match="cannot be read"):
            sshsig.parse(each)


@given(st.binary(max_size=300), st.sampled_from(["git", "anvcs"]))
def test_what_is_signed_verifies(message: bytes, namespace: str) -> None:
    foo = signer("agent:foo")
    assert sshsig.verify(sshsig.sign(foo, message, namespace), message, namespace) == foo.public_key
