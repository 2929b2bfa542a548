"""Signatures in OpenSSH's format (SSHSIG) by Ed25519 keys, byte for byte those of ``ssh-keygen -Y sign``."""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from typing import NamedTuple

from anvcs import actors
from anvcs.actors import Signer
from anvcs.errors import CorruptStoreError, UsageError

GIT = "git"
"""The namespace in which Git signs."""
ANVCS = "anvcs"
"""The namespace of whatever else we sign for ``ssh-keygen`` to verify."""
KEY_TYPE = b"ssh-ed25519"

_MAGIC = b"SSHSIG"
_VERSION = 1
_HASHES = {b"sha512": hashlib.sha512, b"sha256": hashlib.sha256}
_BEGIN, _END = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
_WIDTH = 70
"""Base64 letters in a line, as OpenSSH breaks them."""
_KEY_LINE = re.compile(r"ssh-ed25519[ \t]+([A-Za-z0-9+/]+=*)(?:[ \t]+[^\r\n]*)?")


class SshSignature(NamedTuple):
    """A signature taken apart."""

    public_key: bytes
    """The 32 bytes of the Ed25519 key."""
    namespace: str
    hash: bytes
    """``sha512`` or ``sha256``."""
    signature: bytes


def sign(signer: Signer, message: bytes, namespace: str) -> bytes:
    """The armoured signature of a message, ending with a line feed. Raises ValueError without a namespace."""
    return armor(sign_raw(signer, message, namespace))


def sign_raw(signer: Signer, message: bytes, namespace: str) -> bytes:
    """The signature as bare bytes. Raises ValueError without a namespace."""
    if not namespace:
        raise ValueError("a signature needs a namespace")
    signature = signer.sign(_signed(message, namespace.encode(), b"sha512"))
    return b"".join(
        (
            _MAGIC,
            struct.pack(">I", _VERSION),
            _string(key_blob(signer.public_key)),
            _string(namespace.encode()),
            _string(b""),
            _string(b"sha512"),
            _string(_string(KEY_TYPE) + _string(signature)),
        )
    )


def armor(raw: bytes) -> bytes:
    """Bare bytes as the text that stands in files and commits."""
    text = base64.b64encode(raw)
    lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return b"\n".join((_BEGIN, *lines, _END, b""))


def is_armored(data: bytes) -> bool:
    """Whether it claims to be an SSH signature, of whatever kind of key."""
    return data.lstrip().startswith(_BEGIN)


def parse(data: bytes) -> SshSignature:
    """A signature, armoured or bare. Raises CorruptStoreError for anything but one by an Ed25519 key."""
    raw = _dearmored(data) if is_armored(data) else data
    try:
        return _taken_apart(raw)
    except (struct.error, UnicodeDecodeError) as error:
        raise _unreadable("it ends too early") from error


def verify(data: bytes, message: bytes, namespace: str) -> bytes | None:
    """The public key that signed the message in the namespace; None if the signature is false or cannot be read."""
    try:
        found = parse(data)
    except CorruptStoreError:
        return None
    if found.namespace != namespace:
        return None
    said = _signed(message, namespace.encode(), found.hash)
    return found.public_key if actors.verify(found.public_key, said, found.signature) else None


def key_blob(public_key: bytes) -> bytes:
    """A key in SSH's binary form."""
    return _string(KEY_TYPE) + _string(public_key)


def key_text(public_key: bytes) -> str:
    """A key as ``ssh-ed25519 AAAA...``, the way it stands in ``.pub`` files."""
    return f"{KEY_TYPE.decode()} {base64.b64encode(key_blob(public_key)).decode()}"


def fingerprint(public_key: bytes) -> str:
    """A key's ``SHA256:...`` as OpenSSH and Git show it."""
    digest = hashlib.sha256(key_blob(public_key)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def public_key(text: str) -> bytes:
    """The 32 bytes of a key written as ``ssh-ed25519 AAAA... [comment]``. Raises UsageError for any other text."""
    found = _KEY_LINE.fullmatch(text.strip())
    try:
        blob = base64.b64decode(found[1], validate=True) if found else b""
    except ValueError:
        blob = b""
    head = _string(KEY_TYPE)
    if blob != head + _string(blob[-32:]) or len(blob) != len(head) + 36:
        shown = text.strip()
        raise UsageError(
            f"{shown[:60] + ('...' if len(shown) > 60 else '')!r} is not an Ed25519 public key.",
            "Give the line of its .pub file: ssh-ed25519 AAAA...",
        )
    return blob[-32:]


def _signed(message: bytes, namespace: bytes, hash_name: bytes) -> bytes:
    """What the key signs: never the message itself, so a signature cannot be taken for one of another protocol."""
    digest = _HASHES[hash_name](message).digest()
    return b"".join((_MAGIC, _string(namespace), _string(b""), _string(hash_name), _string(digest)))


def _taken_apart(raw: bytes) -> SshSignature:
    if not raw.startswith(_MAGIC):
        raise _unreadable("it does not begin as one")
    (version,) = struct.unpack_from(">I", raw, len(_MAGIC))
    if version != _VERSION:
        raise _unreadable(f"version {version} is not known")
    key, namespace, reserved, hash_name, signature = _strings(raw, len(_MAGIC) + 4, 5)
    key_type, public = _strings(key, 0, 2) if key.startswith(_string(KEY_TYPE)) else (b"", b"")
    if key_type != KEY_TYPE or len(public) != 32:
        raise _unreadable("its key is not an Ed25519 key")
    sig_type, value = _strings(signature, 0, 2)
    if sig_type != KEY_TYPE or len(value) != 64 or hash_name not in _HASHES or reserved or not namespace:
        raise _unreadable("its parts do not belong together")
    return SshSignature(public, namespace.decode(), hash_name, value)


def _strings(data: bytes, at: int, count: int) -> list[bytes]:
    """Exactly so many length-prefixed strings up to the end."""
    found: list[bytes] = []
    for _ in range(count):
        (size,) = struct.unpack_from(">I", data, at)
        at += 4 + size
        if at > len(data):
            raise _unreadable("it ends too early")
        found.append(data[at - size : at])
    if at != len(data):
        raise _unreadable("something follows its end")
    return found


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _dearmored(data: bytes) -> bytes:
    body, end, _ = data.strip()[len(_BEGIN) :].partition(_END)
    try:
        if end:
            return base64.b64decode(b"".join(body.split()), validate=True)
    except ValueError:
        pass
    raise _unreadable("its text is damaged")


def _unreadable(reason: str) -> CorruptStoreError:
    return CorruptStoreError(f"An SSH signature cannot be read: {reason}.", "Ask its author to sign again.")
