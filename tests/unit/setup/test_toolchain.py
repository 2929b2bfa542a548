"""The set-up's own parts: stamps, locks, ports, and the environment that tools are started with."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scripts import system_packages, toolchain
from scripts.code_server import CodeServer, free_port
from scripts.steps import command, stop_group

ROOT = toolchain.ROOT


def test_a_stamp_holds_for_its_value_only(tmp_path: Path) -> None:
    stamp = tmp_path / "deep" / "stamp"
    assert not toolchain.is_stamped(stamp, "one")
    toolchain.write_stamp(stamp, "one")
    assert toolchain.is_stamped(stamp, "one")
    assert not toolchain.is_stamped(stamp, "two")
    assert list(stamp.parent.iterdir()) == [stamp]


def test_a_digest_sees_names_contents_and_words(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1", encoding="utf-8")
    first = toolchain.digest([tmp_path])
    assert toolchain.digest([tmp_path]) == first
    assert toolchain.digest([tmp_path], "word") != first
    (tmp_path / "a").rename(tmp_path / "b")
    renamed = toolchain.digest([tmp_path])
    assert renamed != first
    (tmp_path / "b").write_text("2", encoding="utf-8")
    assert toolchain.digest([tmp_path]) not in {first, renamed}


def test_one_set_up_waits_for_another(tmp_path: Path) -> None:
    order: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.set()
        with toolchain.locked(tmp_path / "lock"):
            order.append("second")

    with toolchain.locked(tmp_path / "lock"):
        waiting = threading.Thread(target=second)
        waiting.start()
        assert entered.wait(5)
        order.append("first")
    waiting.join(5)
    assert order == ["first", "second"]


def test_tools_do_not_inherit_what_would_steer_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "REPO", "PASSWORD", "MAKEFLAGS", "VSCODE_IPC_HOOK_CLI", "CODE_SERVER_SESSION_SOCKET"):
        monkeypatch.setenv(name, "steers")
    monkeypatch.setenv("LANG", "C.UTF-8")
    env = toolchain.clean_environment({"PASSWORD": "ours"})
    assert "steers" not in env.values()
    assert (env["LANG"], env["PASSWORD"]) == ("C.UTF-8", "ours")
    assert env["PATH"].startswith(str(toolchain.NODE_BIN))


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) > port


def test_a_failing_command_says_which_and_shows_its_end(tmp_path: Path) -> None:
    script = tmp_path / "fails.py"
    script.write_text("print('the reason')\nraise SystemExit(3)\n", encoding="utf-8")
    with pytest.raises(toolchain.SetUpError, match=r"Building failed with exit code 3(.|\n)*the reason"):
        command([sys.executable, script], log="unit-test", what="Building")


def test_stopping_ends_all_that_a_process_started() -> None:
    parent = (
        "import subprocess, sys; c = subprocess.Popen(['sleep', '60'], stdout=2); print(c.pid, flush=True); c.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        stop_group(process)
        assert process.returncode is not None
    ended = subprocess.run(["ps", "-o", "stat=", "-p", str(child)], capture_output=True, check=False, timeout=10)
    assert ended.stdout.strip() in {b"", b"Z"}


def test_what_root_must_install_is_named_where_no_one_can_be_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    def which(name: str) -> str | None:
        return None if name == "sudo" else f"/usr/bin/{name}"

    monkeypatch.setattr("shutil.which", which)
    with pytest.raises(toolchain.SetUpError, match="sudo apt-get install chromium libkrb5-dev\n"):
        system_packages.ensure(["libkrb5-dev", "chromium"], "Testing")


def _nowhere(_: str) -> None:
    """No program is on PATH."""


def test_what_tests_can_do_without_is_only_told_of_where_no_one_can_be_root(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", _nowhere)
    assert "git-lfs" in system_packages.needed_for_tests()
    system_packages.ensure(["git-lfs"], "Testing")
    assert capsys.readouterr().out == "git-lfs is not installed, so the tests with Git LFS are skipped.\n"
    with pytest.raises(toolchain.SetUpError, match="can install: chromium\\."):
        system_packages.ensure(["git-lfs", "chromium"], "Testing")


def test_a_missing_database_server_is_among_what_the_tests_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(system_packages, "POSTGRES", tmp_path)
    assert "postgresql" in system_packages.needed_for_tests()
    (tmp_path / "17" / "bin").mkdir(parents=True)
    (tmp_path / "17" / "bin" / "initdb").touch()
    assert "postgresql" not in system_packages.needed_for_tests()


def test_nothing_missing_needs_no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    system_packages.ensure([], "Testing")


def test_the_door_to_a_snap_is_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = tmp_path / "chromium-browser"
    door.write_text('#!/bin/sh\nexec /snap/bin/chromium "$@"\n', encoding="utf-8")
    door.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(toolchain, "MAC_BROWSERS", ())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert toolchain.chromium() is None
    door.write_text('#!/bin/sh\nexec /usr/lib/chromium/chromium "$@"\n', encoding="utf-8")
    assert toolchain.chromium() == door


def test_where_no_browser_is_packaged_playwrights_own_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    browser = toolchain.browser_folder() / "chromium-1200" / "chrome-linux64" / "chrome"
    browser.parent.mkdir(parents=True)
    browser.touch()
    assert toolchain.chromium() == browser


def test_a_users_editor_settings_are_seeded_once(tmp_path: Path) -> None:
    server = CodeServer(tmp_path, log=tmp_path / "log")
    server.configure({"a": 1}, {"b": 1})
    server.configure({"a": 2}, {"b": 2})
    assert '"a": 1' in (tmp_path / "data" / "User" / "settings.json").read_text(encoding="utf-8")
    assert '"b": 2' in (tmp_path / "data" / "Machine" / "settings.json").read_text(encoding="utf-8")


def test_too_old_a_python_is_named(tmp_path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        old = tmp_path / name
        old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n', encoding="utf-8")
        old.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run([ROOT / "scripts" / "dev", "run"], env=env, capture_output=True, check=False, timeout=30)
    assert done.returncode == 1
    assert b"needs Python 3.11 or newer; this machine has Python 3.9.2." in done.stderr


def test_shell_scripts_pass_shellcheck() -> None:
    scripts = [ROOT / ".ci" / "run", ROOT / "scripts" / "dev", ROOT / ".devcontainer" / "install-extension"]
    done = subprocess.run(["shellcheck", *scripts], capture_output=True, check=False, timeout=60)
    assert done.stdout == b""
