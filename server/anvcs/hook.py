"""What agents' own hooks start: notes which file is read or written, by whom, and what stood in it at that moment.

Started as ``python -I -S hook.py AGENT`` with the agent's JSON on standard input, several times for every step of the
agent. So it imports nothing that is not needed, runs no program, prints nothing and ends well whatever happens: an
agent must never wait for it or be stopped by it. Where rooms are off it does nothing. The relay reads the notes
(``rooms/hooks.py`` says what follows from them).
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
"""Known to type checkers; the module that has it takes a while to import."""
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, BinaryIO

MARKER = "rooms-on"
"""Stands in our state folder while rooms are on; holds a regular expression a line for paths that never take part."""
SPOOL = "hooks"
"""The folder of notes there; below it, :data:`TEXTS` holds files' bytes under their SHA-256."""
TEXTS = "texts"
LARGEST = 2 << 20
"""Bytes; larger files are never rooms."""
KEEP = 3 * 86_400
"""Seconds for which a note waits for a relay."""
MOST = 5_000
"""Notes that may wait; beyond them none is added."""
_INDEX = 16 << 20
"""Bytes of git's index that are looked through."""
_TAIL = 1 << 16
"""Bytes at the end of a session's transcript in which its model is looked for."""

READS = ("Read",)
WRITES = ("Write", "Edit", "MultiEdit", "NotebookEdit")
PATCHES = ("apply_patch",)
RUNS = ("Bash",)
"""The agents' tools, by what they do to files."""
_HEADERS = ("*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: ")

# Files that may hold keys and passwords, as anvcs.rooms.admission has them; their bytes are never copied.
SECRET_STARTS = (".env", "id_")
SECRET_ENDS = (
    ".pem", ".key", ".p12", ".pfx", ".p8", ".jks", ".keystore", ".kdbx", ".asc", ".gpg", ".ppk", "_rsa", "_dsa",
    "_ecdsa", "_ed25519",
)  # fmt: skip
SECRET_NAMES = (
    ".netrc", "_netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd", ".git-credentials", ".dockercfg", "credentials",
    "credentials.json", "secrets", "secrets.json", "secrets.toml", "secrets.yaml", "secrets.yml",
)  # fmt: skip


class Place:
    """A repository in which rooms are on."""

    def __init__(self, root: str, git_dir: str, state: str, excluded: list[str]) -> None:
        self.root = root
        self.git_dir = git_dir
        self.state = state
        self.excluded = excluded


def main(arguments: Sequence[str], stdin: BinaryIO, env: Mapping[str, str]) -> None:
    """Note what the agent says."""
    said = _decode(stdin.read())
    cwd = _text(said.get("cwd")) or os.getcwd()
    agent = env.get("ANVCS_AGENT") or arguments[1]
    common: dict[str, str | int | None] = {
        "agent": agent.removeprefix("agent:"),
        "session": _text(said.get("session_id")),
        "helper": _text(said.get("agent_id")),
        "tool": _text(said.get("tool_name")),
        "call": _text(said.get("tool_use_id")),
    }
    for number, (kind, path) in enumerate(events(said, cwd)):
        place = find(path)
        if place is not None:
            note = {"kind": kind, **_seen(place, kind, path, said), **common, "model": model(said)}
            _spool(f"{place.state}/{SPOOL}", number, note)


def events(said: dict[str, Any], cwd: str) -> list[tuple[str, str]]:
    """What is to be noted: ``(kind, path)``; the path is a folder where no file is meant."""
    event, tool = said.get("hook_event_name"), said.get("tool_name")
    given: dict[str, Any] = said.get("tool_input") or {}
    if event in ("SessionStart", "SessionEnd"):
        return [("start" if event == "SessionStart" else "end", os.path.realpath(cwd))]
    if event not in ("PreToolUse", "PostToolUse"):
        return []
    kind = "before" if event == "PreToolUse" else "after"
    paths: list[str | None] = []
    if tool in RUNS:
        return [("run" if kind == "before" else "ran", os.path.realpath(cwd))]
    if tool in READS and kind == "before":
        # What stood there before is surely no newer than what is read.
        paths, kind = [given.get("file_path")], "read"
    elif tool in WRITES:
        paths = [given.get("file_path") or given.get("notebook_path")]
    elif tool in PATCHES:
        paths = [*patched(str(given.get("command")))]
    return [(kind, os.path.realpath(os.path.join(cwd, path))) for path in paths if path]


def patched(patch: str) -> list[str]:
    """The paths that a patch of Codex names."""
    return [
        line.removeprefix(header).strip()
        for line in patch.split("\n")
        for header in _HEADERS
        if line.startswith(header)
    ]


def model(said: dict[str, Any]) -> str | None:
    """The session's model: as it is said, else as it stands last in the transcript."""
    given = said.get("model")
    if given:
        return _text(given)
    mark = b'"model":"'
    try:
        with open(said["transcript_path"], "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            tail = file.read(_TAIL)
    except (KeyError, OSError, TypeError):
        return None
    _, found, rest = tail.rpartition(mark)
    return rest.partition(b'"')[0].decode("utf-8", "replace")[:100] if found else None


def find(path: str) -> Place | None:
    """The repository that a path is in, if rooms are on there."""
    folder = path
    while not os.path.lexists(git_dir := folder + "/.git"):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    if os.path.isfile(git_dir):
        git_dir = os.path.join(folder, _read(git_dir).decode().removeprefix("gitdir:").strip())
    common = git_dir
    if os.path.isfile(git_dir + "/commondir"):
        common = os.path.join(git_dir, _read(git_dir + "/commondir").decode().strip())
    state = common + "/anvcs"
    try:
        excluded = _read(f"{state}/{MARKER}").decode().split("\n")
    except OSError:
        return None
    return Place(folder, git_dir, state, [each for each in excluded if each])


def may_copy(place: Place, path: str) -> bool:
    """Whether a file's bytes may be kept: git tracks it, and it is none that never takes part in rooms."""
    relative = path[len(place.root) + 1 :]
    name = relative.rpartition("/")[2].lower()
    if name.startswith(SECRET_STARTS) or name.endswith(SECRET_ENDS) or name in SECRET_NAMES:
        return False
    if place.excluded:
        import re

        if any(re.fullmatch(each, relative, re.DOTALL) for each in place.excluded):
            return False
    return is_tracked(place.git_dir + "/index", os.fsencode(relative))


def is_tracked(index: str, path: bytes) -> bool:
    """Whether git's index holds a path. One that it stores in parts or compressed counts as not holding it."""
    try:
        data = _read(index, _INDEX)
    except OSError:
        return False
    length = min(len(path), 0xFFF)
    at = data.find(path + b"\0")
    while at > 0:
        # The flags before a name hold its length, so it is not only the end of a longer one. Some are two bytes longer.
        flags = int.from_bytes(data[at - 2 : at], "big"), int.from_bytes(data[at - 4 : at - 2], "big")
        if length in (flags[0] & 0xFFF, flags[1] & 0xFFF):
            return True
        at = data.find(path + b"\0", at + 1)
    return False


def expected(tool: str | None, given: dict[str, Any], data: bytes | None) -> bytes | None:
    """The bytes that a file will have after a tool has run as it was asked to; nothing where that cannot be told."""
    if tool == "Write" and isinstance(given.get("content"), str):
        return given["content"].encode()
    edits: Iterable[dict[str, Any]] = given.get("edits", ()) if tool == "MultiEdit" else (given,)
    if tool not in ("Edit", "MultiEdit") or data is None:
        return None
    for each in edits:
        old, new = each.get("old_string"), each.get("new_string")
        if not old or not isinstance(new, str) or old.encode() not in data:
            return None
        data = data.replace(old.encode(), new.encode(), -1 if each.get("replace_all") else 1)
    return data


def _seen(place: Place, kind: str, path: str, said: dict[str, Any]) -> dict[str, str | int | None]:
    """What stands in a file now; of what is about no file, in which worktree."""
    # Before the file is read: what is read may be newer than that, never older.
    now = time.time_ns()
    if kind not in ("read", "before", "after"):
        return {"time": now, "path": os.path.realpath(place.root)}
    from hashlib import sha256

    data = _content(path)
    wanted = expected(said["tool_name"], said["tool_input"], data) if kind == "before" else None
    known = None if data is None or len(data) > LARGEST else sha256(data).hexdigest()
    if data is not None and known is not None and may_copy(place, path):
        _keep(f"{place.state}/{SPOOL}/{TEXTS}", known, data)
    return {
        "time": now,
        "path": path,
        "hash": known,
        "expected": None if wanted is None else sha256(wanted).hexdigest(),
    }


def _spool(spool: str, number: int, note: dict[str, str | int | None]) -> None:
    os.makedirs(spool, 0o700, exist_ok=True)
    if note["kind"] == "start":
        _prune(spool)
    if len(os.listdir(spool)) < MOST:
        _write(spool, f"{note['time']:020d}-{os.getpid()}-{number}.json", _encode(note).encode())


def _keep(folder: str, name: str, data: bytes) -> None:
    try:
        os.utime(f"{folder}/{name}")
    except OSError:
        os.makedirs(folder, 0o700, exist_ok=True)
        _write(folder, name, data)


def _write(folder: str, name: str, data: bytes) -> None:
    """Make a file in one step: it is there whole or not at all."""
    draft = f"{folder}/.{name}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    finally:
        os.close(descriptor)
    os.replace(draft, f"{folder}/{name}")


def _prune(spool: str) -> None:
    """Take away what no relay came for."""
    for folder in (spool, f"{spool}/{TEXTS}"):
        try:
            with os.scandir(folder) as found:
                for entry in found:
                    if entry.is_file(follow_symlinks=False) and time.time() - entry.stat().st_mtime > KEEP:
                        os.unlink(entry.path)
        except OSError:
            continue


def _content(path: str) -> bytes | None:
    """A plain file's bytes, one more than the largest at most; nothing if there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(LARGEST + 1)


def _read(path: str, most: int = 65_536) -> bytes:
    with open(path, "rb") as file:
        return file.read(most)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _decode(data: bytes) -> dict[str, Any]:
    """JSON. The module for it imports regular expressions, which take longer than all else here."""
    try:
        from _json import make_scanner
    except ImportError:
        import json

        return json.loads(data)
    # It takes any object with these attributes.
    return make_scanner(_Scanned())(data.decode().strip(), 0)[0]  # pyright: ignore[reportArgumentType]


class _Scanned:
    """How the scanner reads."""

    strict = False
    object_hook = object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo: dict[str, str] = {}


def _encode(note: dict[str, str | int | None]) -> str:
    try:
        from _json import encode_basestring_ascii as quoted
    except ImportError:
        import json

        return json.dumps(note)
    members = (
        f"{quoted(name)}: {'null' if value is None else quoted(value) if isinstance(value, str) else int(value)}"
        for name, value in note.items()
    )
    return "{" + ", ".join(members) + "}"


if __name__ == "__main__":
    try:
        main(sys.argv, sys.stdin.buffer, os.environ)
    except BaseException as problem:  # noqa: BLE001 - no defect of ours may stop an agent's tool
        if os.environ.get("ANVCS_DEBUG") == "1":
            sys.stderr.write(f"anvcs: {problem!r}\n")
    # Nothing here needs tidying up, and the interpreter takes milliseconds to do it.
    os._exit(0)
