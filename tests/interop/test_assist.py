"""``ai-vcs proposal assist`` as a process, against a real server on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Repo
from tests.merging import conflicting
from tests.models import KEY, MODEL, Model, Reply, suggests

PATIENCE = 60
RUN = "import sys; from anvcs.cli.main import main; sys.argv[0] = 'ai-vcs'; main()"


def started(repo: Repo, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments],
        cwd=repo.path,
        env={**repo.env, "MODEL_KEY": KEY, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def ai_vcs(repo: Repo, *arguments: str) -> tuple[int, str, str]:
    with started(repo, *arguments) as running:
        out, err = running.communicate(timeout=PATIENCE)
    return running.returncode, out, err


def disputed(repo: Repo, model: Model, **settings: Any) -> None:
    repo.write("ai-vcs.config.yaml", model.settings(key_env="MODEL_KEY", **settings))
    repo.git("add", "--force", "ai-vcs.config.yaml")
    repo.git("commit", "--quiet", "-m", "settings")
    conflicting(repo)
    assert ai_vcs(repo, "merge", "login")[0] == 0


def holding_the_key(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


@pytest.mark.promise("assist.suggests-only")
@pytest.mark.promise("assist.key")
def test_a_merge_goes_from_a_question_to_a_commit(repo: Repo, model: Model) -> None:
    disputed(repo, model)
    code, out, err = ai_vcs(repo, "proposal", "assist", "login", "--show-prompt")
    assert (code, model.connections) == (0, 0)
    assert '"left": "two ours\\n"' in out
    assert err == f"Nothing was sent. It would go to {MODEL} at {model.url}.\n"
    model.answers(suggests("two ours theirs\n", "Both words are meant."), suggests("nine ours theirs\n"))
    code, out, err = ai_vcs(repo, "proposal", "assist", "login")
    assert (code, err) == (0, "")
    assert f"f, conflict 1: {MODEL}-2026 at {model.url}\n  suggests   | two ours theirs\n" in out
    assert "  because    Both words are meant.\n  safe " in out
    assert " f --conflict 2 --take suggestion" in out
    code, out, _ = ai_vcs(repo, "proposal", "show", "--json")
    conflicts = json.loads(out)["proposal"]["files"][0]["conflicts"]
    assert [each["suggestion"]["text"] for each in conflicts] == ["two ours theirs\n", "nine ours theirs\n"]
    for number in ("1", "2"):
        done = ai_vcs(repo, "proposal", "resolve", "login", "f", "--conflict", number, "--take", "suggestion")
        assert done[0] == 0, done
    assert ai_vcs(repo, "proposal", "accept")[0] == 0
    assert repo.read("f") == b"one\ntwo ours theirs\n3\n4\n5\n6\n7\n8\nnine ours theirs\nten\n"
    _, out, _ = ai_vcs(repo, "show", "--json", "HEAD")
    told = json.loads(out)["metadata"]
    assert told["model"] == f"{MODEL}-2026"
    assert [each["conflict"] for each in told["extra"]["suggestions"]] == [1, 2]
    assert model.received[0].headers["Authorization"] == f"Bearer {KEY}"
    assert holding_the_key(repo.path) == []
    assert holding_the_key(repo.config_home.parent) == []
    repo.git("fsck", "--strict")


def test_without_settings_the_command_says_what_to_do(repo: Repo) -> None:
    conflicting(repo)
    ai_vcs(repo, "merge", "login")
    code, out, err = ai_vcs(repo, "proposal", "assist")
    assert (code, out) == (1, "")
    assert err.startswith("Error: No language model is set up to be asked here, so nothing was sent.\nHint: ")


@pytest.mark.promise("assist.nothing-half")
def test_a_process_that_is_killed_while_it_waits_leaves_nothing(repo: Repo, model: Model) -> None:
    disputed(repo, model)
    model.answers(Reply(b"{", hangs=True))
    with started(repo, "proposal", "assist", "login", "f", "--conflict", "1") as running:
        assert model.asked.wait(PATIENCE)
        running.kill()
        running.communicate(timeout=PATIENCE)
    _, out, _ = ai_vcs(repo, "proposal", "show", "--json")
    assert all("suggestion" not in each for each in json.loads(out)["proposal"]["files"][0]["conflicts"])
    model.answers(suggests("two ours theirs\n"))
    assert ai_vcs(repo, "proposal", "assist", "login", "f", "--conflict", "1")[0] == 0
    report = json.loads(ai_vcs(repo, "doctor", "--json")[1])
    assert report["healthy"], report
