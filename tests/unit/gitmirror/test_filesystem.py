"""File systems recognised from literal samples of what the kernels write."""

from __future__ import annotations

from pathlib import Path

import pytest

from anvcs.errors import UnsafeFileSystemError
from anvcs.gitmirror import filesystem
from anvcs.gitmirror.filesystem import Mount, check, find, parse, unsafe_kind

LINUX = r"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,discard
23 22 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw
30 22 0:45 / /home/ada/net rw,relatime shared:20 master:3 - nfs4 server:/export rw,vers=4.2
31 22 0:46 / /home/ada/net/local rw,relatime - xfs /dev/sdb1 rw
32 22 0:47 / /mnt/with\040blank\011and\134slash rw,relatime - cifs //srv/share\040one rw,vers=3.1.1
33 22 0:48 / /mnt/c rw,noatime - 9p C:\134 rw,dirsync,aname=drvfs;path=C:\;uid=1000,trans=fd,rfd=8
34 22 0:49 / /mnt/ssh rw,nosuid,nodev - fuse.sshfs ada@host:/ rw,user_id=1000
35 22 0:50 / /mnt/pool rw - fuse.mergerfs a:b rw
36 22 0:51 / /mnt/ntfs rw - fuseblk /dev/sdc1 rw
37 22 0:52 / /workspaces rw - virtiofs mac rw
38 22 0:53 / /hidden rw - nfs server:/old rw
39 22 0:54 / /hidden rw - btrfs /dev/sdd rw
40 22 0:55 / /mnt/host rw - fuse.grpcfuse grpcfuse rw
41 22 0:56 / /mnt/box rw - vboxsf shared rw
"""
MAC = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect, root data)
//ada@nas._smb._tcp.local/Home on /Volumes/Home (1) (smbfs, nodev, nosuid, mounted by ada)
server:/export on /Volumes/net (nfs, nodev, nosuid, mounted by ada)
ada@host:/src on /Users/ada/ssh (macfuse, nodev, nosuid, synchronous, mounted by ada)
vault on /Users/ada/vault (macfuse, nodev, nosuid, mounted by ada)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ada/project", None),
        ("/home/ada/net", "nfs4"),
        ("/home/ada/net/project", "nfs4"),
        ("/home/ada/network", None),
        ("/home/ada/net/local/project", None),
        ("/mnt/with blank\tand\\slash/project", "cifs"),
        ("/mnt/c/Users/ada", "9p"),
        ("/mnt/ssh", "fuse.sshfs"),
        ("/mnt/pool/x", None),
        ("/mnt/ntfs/x", None),
        ("/workspaces/x", "virtiofs"),
        ("/hidden/x", None),
        ("/mnt/host/x", "fuse.grpcfuse"),
        ("/mnt/box/x", "vboxsf"),
    ],
)
@pytest.mark.promise("gitmirror.unsafe-file-systems-refused")
def test_linux_mounts_are_told_apart(path: str, kind: str | None) -> None:
    if kind is None:
        check(Path(path), LINUX)
    else:
        with pytest.raises(UnsafeFileSystemError, match=f"a {kind} file system") as caught:
            check(Path(path), LINUX)
        assert caught.value.way_out.startswith("Clone the repository")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (b"/Users/ada/project", None),
        (b"/Volumes/Home (1)/project", "smbfs"),
        (b"/Volumes/Home", None),
        (b"/Volumes/net/x", "nfs"),
        (b"/Users/ada/ssh/x", "macfuse"),
        (b"/Users/ada/vault/x", None),
    ],
)
def test_mac_mounts_are_told_apart(path: bytes, kind: str | None) -> None:
    assert unsafe_kind(find(path, parse(MAC))) == kind


@pytest.mark.parametrize("kind", ["9p", "virtiofs"])
def test_a_sandbox_whose_whole_disk_is_of_such_a_kind_is_trusted(kind: str) -> None:
    mounts = parse(f"1 0 0:1 / / rw - {kind} none rw\n2 1 0:2 / /shared rw - {kind} none rw\n")
    assert unsafe_kind(find(b"/srv/project", mounts)) is None
    assert unsafe_kind(find(b"/shared/project", mounts)) == kind


def test_a_diskless_machine_is_still_on_the_network() -> None:
    assert unsafe_kind(Mount(b"/", "nfs", "server:/root")) == "nfs"


@pytest.mark.parametrize(
    "text", ["", "nonsense\n", "1 2 3 - x\n", "a - b\n", "x on y (z)\n", "1 2 3 4 /\\777 r - t s\n"]
)
def test_what_cannot_be_read_is_no_reason_to_refuse(text: str) -> None:
    check(Path("/somewhere"), text)


def test_a_link_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    mounts = f"1 0 0:1 / {(tmp_path / 'real').resolve()} rw - nfs server:/ rw\n"
    with pytest.raises(UnsafeFileSystemError):
        check(tmp_path / "link" / "project", mounts)


def test_this_machine_is_asked_once_per_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def mounts() -> str:
        asked.append("asked")
        return f"1 0 0:1 / {tmp_path.resolve()} rw - nfs server:/ rw\n"

    monkeypatch.setattr(filesystem, "_known", {})
    monkeypatch.setattr(filesystem, "_mounts", mounts)
    for folder in (tmp_path / "not" / "there" / "yet", tmp_path):
        with pytest.raises(UnsafeFileSystemError, match="nfs"):
            check(folder)
    assert asked == ["asked"]


def test_the_folder_tests_run_in_is_accepted(tmp_path: Path) -> None:
    check(tmp_path)
    check(tmp_path / "not" / "there")
