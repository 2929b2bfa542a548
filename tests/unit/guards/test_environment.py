"""Which variables a guard gets, how they become true in another worktree, and what results depend on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from anvcs.errors import ConfigError
from anvcs.guards.environment import allowed, fingerprint, moved


def never(_name: str) -> bool:
    return False


def test_safe_variables_are_handed_on_and_others_only_if_allowed() -> None:
    env = {"PATH": "/bin", "LC_TIME": "C", "AWS_KEY": "k", "MODE": "m", "XDG_CACHE_HOME": "/c"}
    safe = {"CI": "true", "PATH": "/bin", "LC_TIME": "C", "XDG_CACHE_HOME": "/c"}
    assert allowed(env, ()) == safe
    assert allowed(env, ("MODE", "MISSING", "A=b=c", "EMPTY=")) == {**safe, "MODE": "m", "A": "b=c", "EMPTY": ""}


def test_ci_can_be_set_or_handed_on() -> None:
    assert allowed({"CI": "1"}, ()) == {"CI": "true"}
    assert allowed({"CI": "1"}, ("CI",)) == {"CI": "1"}
    assert allowed({}, ("CI=",)) == {"CI": ""}


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_ALTERNATE_OBJECT_DIRECTORIES"])
def test_what_leads_git_to_the_users_repository_is_never_handed_on(name: str) -> None:
    assert allowed({name: "x"}, (name,)) == {"CI": "true"}
    assert allowed({}, (f"{name}=x",)) == {"CI": "true"}
    assert "GIT_AUTHOR_NAME" in allowed({"GIT_AUTHOR_NAME": "a"}, ("GIT_AUTHOR_NAME",))


@pytest.mark.parametrize("entry", ["", "=x", "A B", "1A", "A-B"])
def test_a_malformed_entry_is_refused(entry: str) -> None:
    with pytest.raises(ConfigError, match=r"guards\.env cannot hold") as refused:
        allowed({}, (entry,))
    assert "NAME=VALUE" in refused.value.way_out


def test_values_that_name_the_worktree_name_the_scratch_worktree() -> None:
    env = {
        "PYTHONPATH": "/wt/src:/wt",
        "FLAG": "--root=/wt/x /wt",
        "OTHER": "/wt2:/a/wt:x/wt",
        "HOME": "/wt",
        "PATH": "",
    }
    assert moved(env, ["/wt", "/wt"], "/s", lambda _: True) == {
        "PYTHONPATH": "/s/src:/s",
        "FLAG": "--root=/s/x /s",
        "OTHER": "/wt2:/a/wt:x/wt",
        "HOME": "/wt",
        "PATH": "",
    }


def test_of_several_spellings_of_the_worktree_each_counts() -> None:
    assert moved({"A": "/real/wt:/link/wt/x"}, ["/link/wt", "/real/wt"], "/s", lambda _: True) == {"A": "/s:/s/x"}


def test_folders_of_path_follow_where_the_scratch_worktree_has_them(tmp_path: Path) -> None:
    root = tmp_path / "wt"
    for venv in ("venv", "old"):
        (root / venv / "bin").mkdir(parents=True)
        (root / venv / "pyvenv.cfg").touch()
    path = os.pathsep.join([f"{root}/venv/bin", f"{root}/old/bin", f"{root}/.local/bin", "/usr/bin", "rel/bin", ""])
    made = {"venv/bin"}
    new = moved({"PATH": path}, [str(root)], "/s", made.__contains__)["PATH"]
    assert new.split(os.pathsep) == ["/s/venv/bin", f"{root}/.local/bin", "/usr/bin", "rel/bin", ""]


def test_a_fingerprint_depends_on_names_and_values() -> None:
    env = {"PATH": "/nowhere", "A": "1"}
    known = fingerprint(env, never)
    assert fingerprint(dict(reversed(env.items())), never) == known
    assert (
        len({known, *(fingerprint(other, never) for other in ({**env, "A": "2"}, {**env, "B": "1"}, {"A": "1"}))}) == 4
    )


def test_a_fingerprint_does_not_depend_on_where_temporary_files_go() -> None:
    one, two = ({"PATH": "", "TMPDIR": value, "XDG_RUNTIME_DIR": value} for value in ("/tmp/a", "/tmp/b"))  # noqa: S108 - only names
    assert fingerprint(one, never) == fingerprint(two, never)


def test_a_fingerprint_gives_no_secret_away() -> None:
    one, two = ({"PATH": "", "TOKEN": value} for value in ("1234", "5678"))
    hidden = "TOKEN".__eq__
    assert fingerprint(one, hidden) == fingerprint(two, hidden) != fingerprint({"PATH": ""}, hidden)


def test_a_fingerprint_depends_on_the_interpreters_on_path(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("#!/bin/sh\n")
    (tmp_path / "real").chmod(0o755)
    env = {"PATH": str(tmp_path)}
    none = fingerprint(env, never)
    (tmp_path / "node").symlink_to("real")
    one = fingerprint(env, never)
    (tmp_path / "real").write_text("#!/bin/sh\n# newer\n")
    assert len({none, one, fingerprint(env, never)}) == 3


def test_a_fingerprint_depends_on_what_is_installed_for_python(tmp_path: Path) -> None:
    packages = tmp_path / "lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").write_text("#!/bin/sh\n")
    (tmp_path / "bin/python3").chmod(0o755)
    os.utime(packages, (1, 1))
    env = {"PATH": str(tmp_path / "bin")}
    before = fingerprint(env, never)
    (packages / "thing-1.0.dist-info").mkdir()
    assert fingerprint(env, never) != before
