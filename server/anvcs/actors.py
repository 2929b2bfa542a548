"""Who acts: actor ids, and the Ed25519 keys with which actors sign what they do."""

from __future__ import annotations

import base64
import glob
import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from anvcs.errors import CorruptStoreError, StoreError, UsageError
from anvcs.ids import Domain, digest

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KINDS = ("human", "agent", "system")
"""What an actor can be."""

NO_MAIL = "anvcs.invalid"
"""Agents have no mailbox; ``.invalid`` is reserved for names that must never resolve (RFC 2606)."""

_OLD = ".old.pem"
"""How the files of keys end that were rotated out."""
_NAME = re.compile(r"[^\s:\x00-\x1f\x7f][^\s\x00-\x1f\x7f]{0,254}")


def actor_id(kind: str, name: str) -> str:
    """An actor's id, e.g. ``human:ada@example.org``. Raises UsageError for a kind or name that cannot be one."""
    if kind not in KINDS:
        raise UsageError(f"{kind!r} is not a kind of actor.", f"Actors are {', '.join(KINDS)}.")
    if not _NAME.fullmatch(name) or not _is_unicode(name):
        raise UsageError(
            f"{name!r} cannot be the name of an actor.",
            "A name has 1 to 255 characters without spaces and control characters and does not start with a colon.",
        )
    return f"{kind}:{name}"


def agent(name: str) -> str:
    """The id of an agent given with or without ``agent:`` before its name. Raises UsageError."""
    return actor_id("agent", name.strip().removeprefix("agent:"))


def check(actor: str) -> str:
    """The same actor id, if it is one. Raises UsageError."""
    kind, _, name = actor.partition(":")
    return actor_id(kind, name)


def address(actor: str) -> str:
    """Where Git needs a mail address for an actor: a human's own, ``foo@agent.anvcs.invalid`` for ``agent:foo``."""
    kind, _, name = actor.partition(":")
    return name if kind == "human" else f"{name}@{kind}.{NO_MAIL}"


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


class Signer(Protocol):
    """An actor who can sign."""

    @property
    def actor(self) -> str:
        """The actor's id."""
        ...

    @property
    def public_key(self) -> bytes:
        """The 32 bytes of the Ed25519 key that verify the signatures."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of a message."""
        ...


class KeySigner(msgspec.Struct, frozen=True):
    """An actor with a private key in memory."""

    actor: str
    private_key: Ed25519PrivateKey
    public_key: bytes

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of a message."""
        return self.private_key.sign(message)


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature of the message was made with the key's private half."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class KeyStore:
    """The private keys of this user's actors, one file each; a key is made when its actor first signs."""

    def __init__(self, config_home: Path) -> None:
        self.folder = config_home / "keys"

    def signer(self, actor: str) -> Signer:
        """The actor, able to sign. Raises UsageError, StoreError, and CorruptStoreError for a damaged key file."""
        path = self.path(check(actor))
        if not path.exists():
            self._make(path)
        return _load(path, actor)

    def known(self, actor: str) -> Signer | None:
        """The actor, if it has a key here already; none is made. Raises as ``signer``."""
        path = self.path(check(actor))
        return _load(path, actor) if path.exists() else None

    def rotate(self, actor: str) -> Signer:
        """The actor with a new key; the old one is kept, to vouch for the new where it is not known yet.

        Raises as ``signer``.
        """
        old = self.signer(actor)
        path = self.path(actor)
        try:
            kept = path.with_name(f"{path.stem}.{old.public_key.hex()[:16]}{_OLD}")
            if not kept.exists():
                os.link(path, kept)
            draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            _create(draft, _new_key())
            draft.replace(path)
            _sync_folder(self.folder)
        except OSError as error:
            raise _cannot_make(path, error) from error
        return _load(path, actor)

    def previous(self, actor: str) -> list[Signer]:
        """The actor with each key that it had here before the present one."""
        path = self.path(check(actor))
        return [_load(each, actor) for each in sorted(self.folder.glob(f"{glob.escape(path.stem)}.*{_OLD}"))]

    def path(self, actor: str) -> Path:
        """The file of an actor's key."""
        # Names may hold what file systems refuse or fold together; the digest keeps them apart, the rest is to be read.
        readable = re.sub(r"[^a-z0-9@._-]", "_", actor.replace(":", "-", 1).lower())[:80]
        return self.folder / f"{readable}.{digest(Domain.ACTOR, actor.encode()).hex()[:16]}.pem"

    def _make(self, path: Path) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(path, _new_key())
        except OSError as error:
            raise _cannot_make(path, error) from error


def _cannot_make(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The signing key {path} cannot be made: {error.strerror}.",
        "Check that the folder is yours to write and the disk is not full.",
    )


def _new_key() -> bytes:
    return _to_pem(secrets.token_bytes(32))


# The PEM form (PKCS #8) of an Ed25519 key is 16 fixed bytes and the key. It is read and written here because importing
# cryptography's serialization module takes longer than all else that a commit does with keys.
_PEM = re.compile(rb"\s*-----BEGIN PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----\s*")
_PREFIX = bytes.fromhex("302e020100300506032b657004220420")


def _to_pem(key: bytes) -> bytes:
    text = base64.b64encode(_PREFIX + key)
    return b"-----BEGIN PRIVATE KEY-----\n" + text + b"\n-----END PRIVATE KEY-----\n"


def _from_pem(content: bytes) -> bytes | None:
    found = _PEM.fullmatch(content)
    try:
        data = base64.b64decode(b"".join(found[1].split()), validate=True) if found else b""
    except ValueError:
        return None
    return data[len(_PREFIX) :] if data.startswith(_PREFIX) and len(data) == len(_PREFIX) + 32 else None


def _create(path: Path, content: bytes) -> None:
    """Write the file whole and durably, unless another process was faster: then keep theirs."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link never replaces a file, so that of two processes both end with the first one's key.
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there, and its journal keeps names
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _load(path: Path, actor: str) -> KeySigner:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(
            f"The signing key {path} cannot be read: {error.strerror}.", "Make the file readable for you alone."
        ) from error
    if os.name != "nt" and mode & 0o077:
        raise StoreError(
            f"The signing key {path} can be used by other users of this machine.",
            f"Run chmod 600 '{path}', or delete the file if others may have read it: a new key is made then.",
        )
    seed = _from_pem(content)
    if seed is None:
        raise CorruptStoreError(
            f"The signing key {path} is not an Ed25519 private key in PEM form.",
            "Restore the file from a backup, or delete it: a new key is made then.",
        )
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return KeySigner(actor, key, key.public_key().public_bytes_raw())
