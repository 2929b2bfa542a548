"""Actor ids, and keys that exactly one user can sign with."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from anvcs import actors
from anvcs.actors import KeyStore
from anvcs.errors import CorruptStoreError, StoreError, UsageError


@pytest.mark.parametrize(
    ("name", "actor"),
    [
        ("foo", "agent:foo"),
        ("agent:foo", "agent:foo"),
        ("agent-foo", "agent:agent-foo"),
        (" foo\n", "agent:foo"),
        ("claude-code/2.1", "agent:claude-code/2.1"),
        ("größe", "agent:größe"),
        ("a:b", "agent:a:b"),
    ],
)
def test_an_agent_is_named_with_or_without_its_kind(name: str, actor: str) -> None:
    assert actors.agent(name) == actor
    assert actors.check(actor) == actor


def test_actors_are_of_three_kinds() -> None:
    assert actors.actor_id("human", "ada@example.org") == "human:ada@example.org"
    assert actors.actor_id("system", "git") == "system:git"
    with pytest.raises(UsageError, match="robot"):
        actors.actor_id("robot", "r2")


@pytest.mark.parametrize(
    "name", ["", "agent:", "two words", "tab\tbed", ":x", "a\x00b", "a\x1b[31m", "x" * 256, "\ud800"]
)
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of an actor") as refused:
        actors.agent(name)
    assert refused.value.way_out


@pytest.mark.parametrize("actor", ["", "foo", "agent", "robot:x", "agent:"])
def test_what_is_no_actor_id_is_refused(actor: str) -> None:
    with pytest.raises(UsageError):
        actors.check(actor)


@pytest.mark.promise("actors.key-on-first-use")
def test_a_key_is_made_on_first_use_and_kept(tmp_path: Path) -> None:
    home = tmp_path / "config" / "anvcs"
    signer = KeyStore(home).signer("agent:foo")
    again = KeyStore(home).signer("agent:foo")
    assert signer.actor == "agent:foo"
    assert signer.public_key == again.public_key
    assert len(signer.public_key) == 32
    (file,) = (home / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "keys").stat().st_mode) == 0o700
    assert file.name.startswith("agent-foo.")


def test_each_actor_has_a_key_of_its_own_whatever_the_file_system_folds(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    names = ["agent:foo", "agent:Foo", "human:foo", "agent:a/b", "agent:a_b", "agent:" + "x" * 250]
    assert len({store.signer(name).public_key for name in names}) == len(names)
    files = [file.name.lower() for file in (tmp_path / "keys").iterdir()]
    assert len(set(files)) == len(names)
    assert all(len(name) < 144 for name in files)


def test_a_signature_is_true_for_its_message_and_key_alone(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    signer, other = store.signer("agent:foo"), store.signer("agent:bar")
    signature = signer.sign(b"message")
    assert len(signature) == 64
    assert actors.verify(signer.public_key, b"message", signature)
    assert not actors.verify(signer.public_key, b"messagf", signature)
    assert not actors.verify(other.public_key, b"message", signature)
    assert not actors.verify(signer.public_key, b"message", signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not actors.verify(signer.public_key, b"message", b"short")
    assert not actors.verify(b"short", b"message", signature)


RACE = """
import sys
from pathlib import Path
from anvcs.actors import KeyStore
sys.stdin.readline()
print(KeyStore(Path(sys.argv[1])).signer("agent:foo").public_key.hex())
"""


@pytest.mark.promise("actors.key-on-first-use")
def test_processes_that_make_the_same_key_at_once_end_with_one(tmp_path: Path) -> None:
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    keys = {worker.communicate("go\n", timeout=60)[0].strip() for worker in workers}
    assert keys == {KeyStore(tmp_path).signer("agent:foo").public_key.hex()}
    assert len(list((tmp_path / "keys").iterdir())) == 1


def test_a_key_made_meanwhile_by_another_process_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = KeyStore(tmp_path / "theirs")
    public = theirs.signer("agent:foo").public_key
    ours = KeyStore(tmp_path / "ours")
    path = ours.path("agent:foo")

    def be_slower() -> bytes:
        path.write_bytes(theirs.path("agent:foo").read_bytes())
        path.chmod(0o600)
        return b"ours, too late"

    monkeypatch.setattr(actors, "_new_key", be_slower)
    assert ours.signer("agent:foo").public_key == public
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.promise("actors.unsafe-key")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    store = KeyStore(tmp_path)
    store.signer("agent:foo")
    path = store.path("agent:foo")
    path.chmod(mode)
    with pytest.raises(StoreError, match="other users") as refused:
        store.signer("agent:foo")
    assert f"chmod 600 '{path}'" in refused.value.way_out
    path.chmod(0o600)
    store.signer("agent:foo")


PEM = b"-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"\xff\xfe", PEM % b"AAAA", PEM % b"A", PEM % b"=A==", PEM % (b"A" * 64)]
)
def test_a_damaged_key_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    store = KeyStore(tmp_path)
    store.signer("agent:foo")
    path = store.path("agent:foo")
    path.write_bytes(content)
    with pytest.raises(CorruptStoreError, match="not an Ed25519 private key") as refused:
        store.signer("agent:foo")
    assert "a new key is made then" in refused.value.way_out
    assert path.read_bytes() == content


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    store = KeyStore(tmp_path)
    store.signer("agent:foo")
    store.path("agent:foo").write_bytes(
        X25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with pytest.raises(CorruptStoreError):
        store.signer("agent:foo")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be made") as refused:
        KeyStore(tmp_path / "file").signer("agent:foo")
    assert refused.value.way_out


def test_a_key_made_by_openssl_can_be_used(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    store.signer("agent:foo")
    path = store.path("agent:foo")
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(path)], check=True, capture_output=True, timeout=60
    )
    public = subprocess.run(
        ["openssl", "pkey", "-in", str(path), "-pubout", "-outform", "DER"], capture_output=True, check=True, timeout=60
    ).stdout[-32:]
    signer = store.signer("agent:foo")
    assert signer.public_key == public
    assert actors.verify(public, b"message", signer.sign(b"message"))


def test_openssl_can_read_a_key(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    signer = store.signer("agent:foo")
    done = subprocess.run(
        ["openssl", "pkey", "-in", str(store.path("agent:foo")), "-pubout", "-outform", "DER"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout[-32:] == signer.public_key


def test_cryptography_is_not_loaded_before_it_is_needed() -> None:
    script = "import sys, anvcs.actors; assert 'cryptography' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.promise("actors.rotated-keys-kept")
def test_a_rotated_key_is_new_and_the_old_one_is_kept_for_this_user_alone(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    first = store.signer("agent:foo")
    second = store.rotate("agent:foo")
    assert second.public_key != first.public_key
    assert store.signer("agent:foo").public_key == second.public_key
    assert [old.public_key for old in store.previous("agent:foo")] == [first.public_key]
    third = store.rotate("agent:foo")
    assert {old.public_key for old in store.previous("agent:foo")} == {first.public_key, second.public_key}
    assert store.previous("agent:fo") == store.previous("agent:foo.x") == []
    (old, *_) = store.previous("agent:foo")
    assert actors.verify(old.public_key, b"message", old.sign(b"message"))
    assert third.actor == old.actor == "agent:foo"
    if sys.platform != "win32":
        assert {stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir()} == {0o600}


def test_looking_for_a_key_makes_none(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    assert store.known("agent:foo") is None
    assert not store.folder.exists()
    made = store.signer("agent:foo")
    found = store.known("agent:foo")
    assert found is not None
    assert found.public_key == made.public_key


def test_an_actor_has_an_address_where_git_needs_one() -> None:
    assert actors.address("human:ada@example.org") == "ada@example.org"
    assert actors.address("agent:foo") == "foo@agent.anvcs.invalid"
    assert actors.address("system:git") == "git@system.anvcs.invalid"
