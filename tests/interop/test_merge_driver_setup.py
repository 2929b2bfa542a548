"""Setting the merge driver up and taking it out again; the doctor's look at it; our own merges beside it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from anvcs import wire
from anvcs.actions import doctor, driver_setup, installed
from anvcs.actions.caller import call
from anvcs.actions.merging import merge_commits
from anvcs.gitmirror import mergedriver
from anvcs.merge.languages import Offered
from anvcs.merge.languages.python import PYTHON
from tests.conftest import Repo
from tests.interop.test_merge_driver import BASE, LEFT, OURS, RIGHT, THEIRS, broken, part, run, set_up


def config(repo: Repo) -> bytes:
    """Git's settings of a repository as they stand in its file."""
    return (repo.path / ".git" / "config").read_bytes()


def take_out(repo: Repo) -> wire.InitResult:
    return call(repo.caller(), wire.INIT, wire.InitParams(merge_driver=False))


def looked(repo: Repo, *, repair: bool = False) -> wire.Check | None:
    """What the doctor says of the driver."""
    report = call(repo.caller(), wire.DOCTOR, wire.DoctorParams(repair=repair))
    return next((check for check in report.checks if check.id == "merge-driver"), None)


@pytest.mark.promise("merge-driver.leaves")
@pytest.mark.parametrize("how", ["init", "uninstall"])
def test_what_was_put_in_is_taken_out_without_a_trace(make_repo: Callable[..., Repo], how: str) -> None:
    repo = make_repo(init=how == "init")
    before = config(repo)
    if how == "uninstall":
        repo.init()
    assert set_up(repo).changed
    assert config(repo) != before
    if how == "init":
        assert take_out(repo).changed
    else:
        call(repo.caller(), wire.UNINSTALL, wire.UninstallParams())
    assert config(repo) == before


def test_again_changes_nothing_and_plain_init_leaves_it(repo: Repo) -> None:
    set_up(repo, check_clean=True)
    before = config(repo)
    assert set_up(repo).changed == ()
    repo.init()
    assert config(repo) == before
    assert set_up(repo, check_clean=False).changed
    assert not mergedriver.checks_clean(repo.git("config", mergedriver.DRIVER))
    take_out(repo)
    assert take_out(repo).changed == ()


@pytest.mark.promise("merge-driver.attributes")
def test_settings_of_the_user_stay_and_are_named(repo: Repo) -> None:
    repo.git("config", "merge.default", "mine")
    repo.git("config", "merge.mine.driver", "cp %B %A")
    done = set_up(repo)
    assert repo.git("config", "merge.default") == "mine"
    assert any("merge.default" in notice and "merge=anvcs" in notice for notice in done.notices)
    take_out(repo)
    assert repo.git("config", "merge.default") == "mine"


def test_an_older_line_of_ours_is_renewed_and_one_of_the_users_is_not(repo: Repo) -> None:
    set_up(repo)
    folder = repo.path / ".git" / "anvcs"
    wanted = repo.git("config", mergedriver.DRIVER)
    repo.git("config", mergedriver.DRIVER, "older")
    assert any(mergedriver.DRIVER in notice for notice in set_up(repo).notices)
    assert repo.git("config", mergedriver.DRIVER) == "older"
    known = installed.read(folder)
    (folder / installed.INSTALLED).write_bytes(
        msgspec.json.encode(msgspec.structs.replace(known, settings=(*known.settings, (mergedriver.DRIVER, "older"))))
    )
    set_up(repo)
    assert repo.git("config", mergedriver.DRIVER) == wanted


def test_the_doctor_tells_of_a_driver_that_leads_nowhere_and_mends_it(repo: Repo, tmp_path: Path) -> None:
    assert looked(repo) is None
    set_up(repo)
    found = looked(repo)
    assert found is not None
    assert found.state == "ok"
    said = repo.git("config", mergedriver.DRIVER)
    gone = said.replace(mergedriver.here().python, str(tmp_path / "gone"))
    repo.git("config", mergedriver.DRIVER, gone)
    # What the user wrote would stay; this is what we wrote when we were installed elsewhere.
    folder = repo.path / ".git" / "anvcs"
    text = (folder / installed.INSTALLED).read_text().replace(mergedriver.here().python, str(tmp_path / "gone"))
    (folder / installed.INSTALLED).write_text(text)
    found = looked(repo)
    assert found is not None
    assert (found.state, "gone" in found.message) == ("warning", True)
    repaired = looked(repo, repair=True)
    assert repaired is not None
    assert repaired.repaired
    assert repo.git("config", mergedriver.DRIVER) == said


def test_the_doctor_tells_of_a_driver_that_fails(repo: Repo, tmp_path: Path) -> None:
    set_up(repo)
    broken(repo, "exit 125\n", tmp_path)
    found = looked(repo)
    assert found is not None
    assert found.state == "warning"
    assert "does not work" in found.message


def test_languages_of_other_packages_are_the_drivers_too_and_the_doctor_tells_of_broken_ones(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = (Offered("starlark", replace(PYTHON, suffixes=(".bzl",))), Offered("odd", None, "ImportError: no odd"))
    for module in (doctor, driver_setup):
        monkeypatch.setattr(module, "offered", lambda: iter(brought))
    set_up(repo)
    started = mergedriver.started(repo.git("config", "merge.anvcs.driver"))
    assert started[-1] == ".bzl"
    report = call(repo.caller(), wire.DOCTOR, wire.DoctorParams())
    told = {check.state: check.message for check in report.checks if check.id == "languages"}
    assert report.healthy
    assert "starlark" in told["ok"]
    assert told["warning"].endswith("odd, which another package brings, cannot be used: ImportError: no odd")


def test_paths_with_signs_of_shell_and_git_are_quoted(tmp_path: Path) -> None:
    program = mergedriver.Program(
        str(tmp_path / "it's %A"), "/x/$(touch y) %P/merge_driver.py", "/packages", (".a", ".b")
    )
    line = mergedriver.line(program)
    assert mergedriver.started(line) == (program.python, "-I", "-S", program.path, "/packages", ".a.b")
    # git takes each pair of percent signs for one, and nothing in these words for a file of its own.
    assert "%%A" in line
    assert "%%P/" in line
    assert subprocess.run(["sh", "-n", "-c", line], check=False).returncode == 0


@pytest.mark.parametrize("attribute", [False, True])
def test_our_own_merges_do_not_go_through_the_driver(repo: Repo, tmp_path: Path, attribute: bool) -> None:
    if attribute:
        repo.write(".gitattributes", "*.py merge=anvcs\n")
    part(repo, {"solved.py": (BASE, OURS, THEIRS), "left.py": (BASE, LEFT, RIGHT), "notes.txt": ("1\n", "2\n", "3\n")})
    workspace = repo.caller().workspace(None)
    with workspace.lock:
        before = merge_commits(workspace, "main", "other")
    set_up(repo)
    broken(repo, f"touch {tmp_path}/started\nexit 125\n", tmp_path)
    workspace = repo.caller().workspace(None)
    with workspace.lock:
        after = merge_commits(workspace, "main", "other")
    assert not (tmp_path / "started").exists()
    assert {outcome.path: outcome.how for outcome in after.files}[b"solved.py"] == "engine"
    assert after == before
    # And plain git does ask it.
    run(repo, "merge", "other", code=1)
    assert (tmp_path / "started").exists()
