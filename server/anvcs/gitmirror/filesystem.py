"""Whether a folder lies on a file system whose locks and shared memory can be trusted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec

from anvcs.errors import UnsafeFileSystemError

# fmt: off
_NETWORK = frozenset({
    "9p", "acfs", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fhgfs", "gfs", "gfs2",
    "glusterfs", "gpfs", "lustre", "ncp", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb2",
    "smb3", "smbfs", "webdav",
})
"""Shared between machines: their caches and locks are not one."""
_FOREIGN = frozenset({
    "drvfs", "fakeowner", "grpcfuse", "osxfs", "prl_fs", "prlfs", "vboxsf", "virtiofs", "vmhgfs",
})
"""Owned by the kernel outside of this virtual machine or container.

virtiofs is among them though it is fast and keeps locks inside the guest: an editor on the host may open the same
repository at the same time, and neither locks nor SQLite's shared memory reach across.
"""
_FUSE = frozenset({
    "afp", "ceph", "cephfs", "curlftpfs", "davfs2", "gcsfuse", "glusterfs", "goofys", "grpcfuse", "juicefs",
    "mfs", "osxfs", "rclone", "s3fs", "smbnetfs", "sshfs", "vmhgfs-fuse",
})
"""Kinds behind ``fuse.``; others, such as mergerfs or gocryptfs, are local."""
# fmt: on
_OWN_DISK = frozenset({"9p", "virtiofs"})
"""As the root of everything these are a sandbox's own disk (gVisor, Kata), which no second kernel works on."""

_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")
_MAC_LINE = re.compile(r"(?P<source>.+?) on (?P<point>/.*) \((?P<kind>[^,)]+)[^()]*\)")

_known: dict[int, str | None] = {}
"""What is wrong with a device, once looked up."""


class Mount(msgspec.Struct, frozen=True):
    """One mounted file system."""

    point: bytes
    kind: str
    source: str


def check(path: Path, mounts: str | None = None) -> None:
    """Raise UnsafeFileSystemError if the folder lies on a network file system or one of another kernel.

    ``mounts`` is the text of ``/proc/self/mountinfo`` or of ``mount`` on macOS; by default this machine's own.
    """
    if mounts is not None:
        kind = unsafe_kind(find(os.path.realpath(os.fsencode(path)), parse(mounts)))
    else:
        kind = _unsafe_here(path)
    if kind is None:
        return
    raise UnsafeFileSystemError(
        f"{path} lies on a {kind} file system, where another machine can write at the same time and locks do not "
        "protect the operation log.",
        _way_out(kind),
    )


def unsafe_kind(mount: Mount | None) -> str | None:
    """The file system's kind if it cannot be trusted."""
    if mount is None or (mount.point == b"/" and mount.kind in _OWN_DISK):
        return None
    kind, _, below = mount.kind.partition(".")
    if kind in _NETWORK or kind in _FOREIGN or (kind == "fuse" and below in _FUSE):
        return mount.kind
    # macFUSE does not tell what is behind it; a source on another host does.
    if kind in {"macfuse", "osxfuse", "osxfusefs"} and ":" in mount.source:
        return mount.kind
    return None


def parse(mounts: str) -> list[Mount]:
    """The mounts in order, from either system's form."""
    found: list[Mount] = []
    for line in mounts.splitlines():
        mount = _parse_linux(line) if " - " in line else _parse_mac(line)
        if mount is not None:
            found.append(mount)
    return found


def find(path: bytes, mounts: list[Mount]) -> Mount | None:
    """The mount that holds an absolute path; of several at one point the last, which hides the others."""
    best: Mount | None = None
    for mount in mounts:
        holds = path == mount.point or path.startswith(mount.point.rstrip(b"/") + b"/")
        if holds and (best is None or len(mount.point) >= len(best.point)):
            best = mount
    return best


def _parse_linux(line: str) -> Mount | None:
    left, _, right = line.partition(" - ")
    before, after = left.split(" "), right.split(" ")
    if len(before) < 5 or len(after) < 2:
        return None
    return Mount(_unescape(before[4]), after[0], os.fsdecode(_unescape(after[1])))


def _parse_mac(line: str) -> Mount | None:
    found = _MAC_LINE.fullmatch(line)
    return found and Mount(os.fsencode(found["point"]), found["kind"], found["source"])


def _unescape(text: str) -> bytes:
    """The kernel writes blanks and backslashes as octal."""
    return _OCTAL.sub(lambda match: bytes([int(match[1], 8)]), os.fsencode(text))


def _unsafe_here(path: Path) -> str | None:
    while True:
        try:
            # Looking at the folder first also makes an automounter mount what is really there.
            device = path.stat().st_dev
            break
        except OSError:
            if path == path.parent:
                return None
            path = path.parent  # what is not there yet will lie where its parent does
    if device not in _known:
        _known[device] = unsafe_kind(find(os.path.realpath(os.fsencode(path)), parse(_mounts())))
    return _known[device]


def _mounts() -> str:
    if sys.platform == "darwin":
        done = subprocess.run(["/sbin/mount"], capture_output=True, env={"LC_ALL": "C"}, check=False)
        return os.fsdecode(done.stdout)
    try:
        return os.fsdecode(Path("/proc/self/mountinfo").read_bytes())
    except OSError:
        return ""


def _way_out(kind: str) -> str:
    if kind in {"9p", "drvfs"}:
        return "Clone the repository inside Linux itself, for example below your home folder, and open it there."
    if kind in _FOREIGN or kind.startswith("fuse.vmhgfs"):
        return "Clone the repository onto the virtual machine's or container's own disk (a volume) and open it there."
    return "Clone the repository onto a local disk and push and pull with Git."
