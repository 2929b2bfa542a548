"""Our hook in the settings of agents, beside what others have put there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from anvcs import wire
from anvcs.actions.agents.connect import command
from anvcs.actions.caller import Caller, call
from anvcs.errors import ConfigError
from anvcs.wire.agents import Connectable

THEIRS: dict[str, Any] = {
    "model": "opus",
    "hooks": {
        "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "./check.sh", "timeout": 9}]}],
        "Stop": [{"hooks": [{"type": "command", "command": "say done"}]}],
    },
}


def connect(home: Path, agent: Connectable = "claude", **params: Any) -> wire.AgentsConnected:
    caller = Caller(cwd=home, env={"HOME": str(home)}, config_home=home)
    return call(caller, wire.AGENTS_CONNECT, wire.AgentsConnectParams(agent=agent, **params))


def settings(home: Path) -> Path:
    file = home / ".claude/settings.json"
    file.parent.mkdir()
    file.write_text(json.dumps(THEIRS, indent=4) + "\n", "utf-8")
    return file


@pytest.mark.promise("agents.connect")
def test_the_hook_is_added_beside_those_of_others_and_taken_out_again(tmp_path: Path) -> None:
    file = settings(tmp_path)
    before = file.read_bytes()
    planned = connect(tmp_path, dry_run=True)
    assert file.read_bytes() == before
    made = connect(tmp_path)
    assert (made.file, made.connected, made.diff) == (str(file), True, planned.diff)
    found = json.loads(file.read_bytes())
    assert (found["model"], found["hooks"]["Stop"]) == (THEIRS["model"], THEIRS["hooks"]["Stop"])
    theirs, ours = found["hooks"]["PreToolUse"]
    assert theirs == THEIRS["hooks"]["PreToolUse"][0]
    assert ours["matcher"] == "Read|Write|Edit|MultiEdit|NotebookEdit|Bash"
    assert ours["hooks"] == [{"type": "command", "command": command("claude"), "timeout": 5}]
    assert sorted(found["hooks"]) == ["PostToolUse", "PreToolUse", "SessionEnd", "SessionStart", "Stop"]
    assert "+" in made.diff
    again = connect(tmp_path)
    assert (again.diff, again.notices) == ("", ())
    gone = connect(tmp_path, remove=True)
    assert (gone.connected, file.read_bytes()) == (False, before)
    assert connect(tmp_path, remove=True).diff == ""


def test_a_hook_of_an_older_installation_is_replaced_and_the_order_of_others_stays(tmp_path: Path) -> None:
    file = settings(tmp_path)
    connect(tmp_path)
    text = file.read_text("utf-8").replace(command("claude"), "/old/python -I -S '/old place/anvcs/hook.py' claude")
    file.write_text(text, "utf-8")
    connect(tmp_path)
    assert "/old" not in file.read_text("utf-8")
    assert file.read_text("utf-8").count(command("claude")) == 4


def test_settings_that_are_not_there_yet_are_made_and_a_link_to_them_stays_one(tmp_path: Path) -> None:
    elsewhere = tmp_path / "dotfiles/hooks.json"
    elsewhere.parent.mkdir()
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex/hooks.json").symlink_to(elsewhere)
    made = connect(tmp_path, "codex")
    assert "review" in made.notices[0]
    found = json.loads(elsewhere.read_bytes())
    assert [group["matcher"] for group in found["hooks"]["PostToolUse"]] == ["apply_patch|Bash"]
    assert (tmp_path / ".codex/hooks.json").is_symlink()
    connect(tmp_path, "codex", remove=True)
    assert json.loads(elsewhere.read_bytes()) == {}


@pytest.mark.parametrize("text", ["{ // mine\n}", "[]", '{"hooks": []}', '{"hooks": {"Stop": {}}}', "\xff"])
def test_settings_that_are_not_understood_are_left_as_they_are(tmp_path: Path, text: str) -> None:
    file = settings(tmp_path)
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"settings\.json cannot be changed"):
        connect(tmp_path)
    assert file.read_bytes() == text.encode("latin-1")


def test_what_is_written_there_runs_in_a_shell_and_says_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", command("claude")], input=b"{}", capture_output=True, cwd=tmp_path, env={}, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
