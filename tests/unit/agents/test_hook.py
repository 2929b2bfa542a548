"""What agents' hooks leave behind: what was read or written, by whom, what stood there, and no secrets."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from anvcs import hook
from anvcs.errors import RoomRefusedError
from anvcs.rooms import admission
from tests.conftest import Repo

HOOK = hook.__file__
CLAUDE = {"session_id": "s1", "tool_use_id": "t1", "permission_mode": "default"}


@pytest.fixture
def on(repo: Repo) -> Repo:
    """A repository in which rooms are on."""
    repo.write(".git/anvcs/rooms-on", "")
    return repo


def say(
    repo: Repo,
    event: str,
    tool: str | None = None,
    given: Mapping[str, Any] | None = None,
    agent: str = "claude",
    **more: Any,
) -> subprocess.CompletedProcess[bytes]:
    """Start the hook as an agent does."""
    said = {**CLAUDE, "cwd": str(repo.path), "hook_event_name": event, **more}
    said |= {"tool_name": tool, "tool_input": given} if tool else {}
    return run(repo, json.dumps(said).encode(), agent)


def run(
    repo: Repo, said: bytes, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Start the hook, which must end well and say nothing."""
    command = [sys.executable, "-I", "-S", HOOK, *arguments]
    done = subprocess.run(command, input=said, env=env or repo.env, cwd=repo.path, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return done


def notes(repo: Repo) -> list[dict[str, Any]]:
    """What was left behind, in order."""
    folder = repo.path / ".git/anvcs/hooks"
    assert not [each.name for each in folder.glob(".*")]
    return [json.loads(each.read_bytes()) for each in sorted(folder.glob("*.json"))]


def copies(repo: Repo) -> dict[str, bytes]:
    """Bytes that were kept, by their hash."""
    return {each.name: each.read_bytes() for each in (repo.path / ".git/anvcs/hooks/texts").glob("*")}


def hashed(data: bytes) -> str:
    """As notes name bytes."""
    return sha256(data).hexdigest()


@pytest.mark.promise("agents.hook-notes")
def test_a_read_and_a_write_are_noted_with_what_stood_there_before_and_after(on: Repo) -> None:
    path = str(on.path / "src/app.py")
    edit = {"file_path": path, "old_string": "1", "new_string": "é"}
    say(on, "PreToolUse", "Read", {"file_path": path}, model="m")
    say(on, "PostToolUse", "Read", {"file_path": path})
    say(on, "PreToolUse", "Edit", edit)
    on.write("src/app.py", "x = é\n")
    say(on, "PostToolUse", "Edit", edit)
    old, new = hashed(b"x = 1\n"), hashed("x = é\n".encode())
    read, before, after = notes(on)
    assert [(each["kind"], each["hash"], each["expected"]) for each in (read, before, after)] == [
        ("read", old, None),
        ("before", old, new),
        ("after", new, None),
    ]
    assert {each["path"] for each in (read, before, after)} == {path}
    assert read["time"] < before["time"] < after["time"]
    assert {name: read[name] for name in ("agent", "session", "tool", "call", "helper", "model")} == {
        "agent": "claude", "session": "s1", "tool": "Read", "call": "t1", "helper": None, "model": "m",
    }  # fmt: skip
    assert copies(on) == {old: b"x = 1\n", new: "x = é\n".encode()}
    assert {each.stat().st_mode & 0o777 for each in (on.path / ".git/anvcs/hooks").rglob("*") if each.is_file()} == {
        0o600
    }


def test_a_patch_of_codex_names_its_files_and_they_are_noted_one_by_one(on: Repo) -> None:
    patch = (
        "*** Begin Patch\n*** Update File: src/app.py\n@@\n-x = 1\n+x = 2\n*** Move to: src/b.py\n"
        "*** Add File: new.txt\n+hi\n*** Delete File: README.md\n*** End Patch"
    )
    say(on, "PreToolUse", "apply_patch", {"command": patch}, agent="codex", model="g")
    assert [(each["kind"], Path(each["path"]).relative_to(on.path).as_posix(), each["hash"]) for each in notes(on)] == [
        ("before", "src/app.py", hashed(b"x = 1\n")),
        ("before", "src/b.py", None),
        ("before", "new.txt", None),
        ("before", "README.md", hashed(b"hello\n")),
    ]
    assert {(each["agent"], each["model"]) for each in notes(on)} == {("codex", "g")}


def test_sessions_and_commands_are_noted_by_their_worktree(on: Repo) -> None:
    for event, tool in (("SessionStart", None), ("PreToolUse", "Bash"), ("PostToolUse", "Bash"), ("SessionEnd", None)):
        say(on, event, tool, {"command": "make"}, cwd=str(on.path / "src"))
    assert [(each["kind"], each["path"]) for each in notes(on)] == [
        (kind, str(on.path)) for kind in ("start", "run", "ran", "end")
    ]


@pytest.mark.parametrize(
    ("tool", "given", "result"),
    [
        ("Write", {"content": "né"}, "né"),
        ("Edit", {"old_string": "a", "new_string": "b"}, "ba"),
        ("Edit", {"old_string": "a", "new_string": "b", "replace_all": True}, "bb"),
        ("MultiEdit", {"edits": [{"old_string": "aa", "new_string": "c"}, {"old_string": "c", "new_string": ""}]}, ""),
        ("Edit", {"old_string": "z", "new_string": "b"}, None),
        ("Edit", {"old_string": "", "new_string": "b"}, None),
        ("NotebookEdit", {"new_source": "b"}, None),
        ("apply_patch", {"command": "b"}, None),
    ],
)
def test_what_a_tool_will_write_is_known_where_it_can_be(tool: str, given: dict[str, Any], result: str | None) -> None:
    assert hook.expected(tool, given, b"aa") == (None if result is None else result.encode())


@pytest.mark.promise("agents.hook-harmless")
@pytest.mark.parametrize(
    "said",
    [
        b"", b"nonsense", b"[]", b"null", b"\xff", b'{"hook_event_name": "PreToolUse"}', b'{"hook_event_name": 7}',
        b'{"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": []}',
        b'{"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": {"file_path": 7}}',
        b'{"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": {"file_path": "src"}}',
        b'{"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": {"file_path": "/dev/tty\\u0000"}}',
        b'{"hook_event_name": "PostToolUse", "tool_name": "Unknown", "tool_input": {"file_path": "src/app.py"}}',
    ],
)  # fmt: skip
def test_whatever_the_hook_is_told_it_ends_well_and_says_nothing(on: Repo, said: bytes) -> None:
    run(on, said, "claude")
    run(on, said)
    assert not notes(on)


@pytest.mark.promise("agents.hook-harmless")
def test_nothing_is_stopped_where_nothing_can_be_written_or_output_is_closed(on: Repo) -> None:
    (on.path / ".git/anvcs/hooks").write_text("in the way")
    say(on, "PreToolUse", "Read", {"file_path": "src/app.py"})
    said = json.dumps({**CLAUDE, "hook_event_name": "SessionStart"}).encode()
    command = f"{sys.executable} -I -S {HOOK} claude >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], input=said, cwd=on.path, check=False).returncode == 0


def test_where_rooms_are_off_or_no_repository_is_nothing_is_left(repo: Repo, tmp_path: Path) -> None:
    say(repo, "PreToolUse", "Read", {"file_path": "src/app.py"})
    say(repo, "PreToolUse", "Read", {"file_path": str(tmp_path / "x")}, cwd=str(tmp_path))
    assert not (repo.path / ".git/anvcs/hooks").exists()


@pytest.mark.promise("agents.hook-no-secrets")
@pytest.mark.parametrize("name", [".env.local", "deploy.pem", "id_ed25519", "src/new.py", "private/a.py", "big.txt"])
def test_no_bytes_are_kept_of_what_may_be_secret_is_excluded_untracked_or_large(on: Repo, name: str) -> None:
    excluded = admission.exclusion("private/")
    on.write(".git/anvcs/rooms-on", f"{excluded}\n")
    on.write(name, "x" * ((2 << 20) + 1) if name == "big.txt" else "secret")
    if name != "src/new.py":
        on.git("add", name)
    say(on, "PreToolUse", "Read", {"file_path": name})
    (note,) = notes(on)
    assert note["hash"] == (None if name == "big.txt" else hashed(b"secret"))
    assert copies(on) == {}


def test_the_hook_knows_every_name_that_never_becomes_a_room() -> None:
    """It cannot import them."""
    for pattern in (*admission._KEYS, ".env*"):
        name = pattern.replace("*", "some").lower()
        with pytest.raises(RoomRefusedError):
            admission.check_path(name)
        assert name.startswith(hook.SECRET_STARTS) or name.endswith(hook.SECRET_ENDS) or name in hook.SECRET_NAMES, (
            pattern
        )


def test_a_symbolic_link_is_followed_to_the_file_that_is_meant(on: Repo) -> None:
    (on.path / "link.py").symlink_to("src/app.py")
    say(on, "PreToolUse", "Read", {"file_path": "link.py"})
    assert [each["path"] for each in notes(on)] == [str(on.path / "src/app.py")]


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_files_that_git_tracks_are_told_from_others(on: Repo, version: str) -> None:
    on.write("deep/src/app.py", "1")
    on.write("later.txt", "1")
    on.git("add", "deep")
    if version == "3":
        # An entry of this kind has two more bytes before its name.
        on.git("add", "--intent-to-add", "later.txt")
    on.git("update-index", f"--index-version={version}")
    index = str(on.path / ".git/index")
    assert hook.is_tracked(index, b"deep/src/app.py") is (version != "4")
    assert hook.is_tracked(index, b"later.txt") is (version == "3")
    assert not hook.is_tracked(index, b"app.py")
    assert not hook.is_tracked(index, b"src/app")
    assert not hook.is_tracked(index + "x", b"src/app.py")


def test_in_a_linked_worktree_notes_are_kept_with_the_repository(on: Repo, tmp_path: Path) -> None:
    on.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    say(on, "PreToolUse", "Read", {"file_path": "src/app.py"}, cwd=str(tmp_path / "linked"))
    (note,) = notes(on)
    assert note["path"] == str(tmp_path / "linked/src/app.py")
    assert copies(on) == {hashed(b"x = 1\n"): b"x = 1\n"}


def test_the_model_is_the_last_one_of_the_transcript_where_it_is_not_said(on: Repo, tmp_path: Path) -> None:
    transcript = tmp_path / "t.jsonl"
    transcript.write_text('{"message":{"model":"old"}}\n' + "x" * 100_000 + '{"message":{"model":"new","a":1}}\n')
    for path in (str(transcript), str(tmp_path / "none"), None):
        say(on, "PreToolUse", "Read", {"file_path": "src/app.py"}, transcript_path=path)
    assert [each["model"] for each in notes(on)] == ["new", None, None]


def test_an_agent_that_was_given_a_name_keeps_it(on: Repo) -> None:
    said = {**CLAUDE, "hook_event_name": "SessionStart", "cwd": str(on.path)}
    run(on, json.dumps(said).encode(), "claude", env={**on.env, "ANVCS_AGENT": "agent:foo"})
    assert [each["agent"] for each in notes(on)] == ["foo"]


def test_notes_that_no_relay_came_for_are_bounded_in_age_and_number(on: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = on.path / ".git/anvcs/hooks"
    old = on.write(".git/anvcs/hooks/texts/old", "x"), on.write(".git/anvcs/hooks/0.json", "x")
    for each in old:
        import os

        os.utime(each, (0, 0))
    fresh = on.write(".git/anvcs/hooks/texts/fresh", "x")
    hook._spool(str(spool), 0, {"kind": "start", "time": 1})
    assert (fresh.exists(), *(each.exists() for each in old)) == (True, False, False)
    monkeypatch.setattr(hook, "MOST", 2)
    for time in (2, 3, 4):
        hook._spool(str(spool), 0, {"kind": "run", "time": time})
    assert len(list(spool.glob("*.json"))) == 1
