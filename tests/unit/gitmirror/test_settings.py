"""Settings against ``git config``, and the cache that must never be stale."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.errors import ConfigError
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.settings import Places, Settings, SettingsCache, fold, parse_bool

from .conftest import Box


class CountingGit(Git):
    """Counts how often git is started."""

    started = 0

    def run(
        self, *args: str | bytes | Path, stdin: bytes = b"", extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Take note, and run."""
        self.started += 1
        return super().run(*args, stdin=stdin, extra=extra)


def settle(box: Box, *files: Path) -> None:
    """Make files old enough for their stamps to be trusted."""
    old = time.time() - 60
    for file in (box.git_dir / "config", *files):
        os.utime(file, (old, old))


def warm(box: Box, *files: Path, **env: str) -> tuple[SettingsCache, CountingGit]:
    """A cache that has read everything and trusts it."""
    settle(box, *files)
    git = CountingGit(box.top, {**box.env, **env})
    cache = SettingsCache(git)
    assert cache.get().is_current()
    return cache, git


def test_every_value_is_the_one_git_shows(box: Box) -> None:
    box.run("config", "Core.Weird", "first\nsecond = #3")
    box.run("config", "--add", "core.weird", "last")
    box.run("config", 'section.Sub.Sec"tion.Key', "kept case")
    box.write("other", "[user]\n\tname = Included\n[empty]\n\tnothing =\n\tbare\n")
    box.run("config", "include.path", str(box.top / "other"))
    settings = Settings.load(box.git())
    listing = os.fsdecode(box.out("config", "--list", "-z", "--name-only")).split("\0")[:-1]
    for key in listing:
        if key != "empty.bare":
            assert settings.get(key) == os.fsdecode(box.out("config", "-z", "--get", key))[:-1]
    assert settings.all("CORE.weirD") == ["first\nsecond = #3", "last"]
    assert settings.get('SECTION.Sub.Sec"tion.KEY') == "kept case"
    assert settings.get('section.sub.sec"tion.key') is None
    assert settings.get("user.name") == "Included"
    assert settings.get("no.such", "default") == "default"


def test_a_key_without_a_value_is_true_and_has_no_text(box: Box) -> None:
    box.write(".git/config", "[core]\n\tbare\n\tempty =\n")
    settings = Settings.load(box.git())
    assert settings.all("core.bare") == [None]
    assert settings.bool("core.bare")
    assert not settings.bool("core.empty", default=True)
    with pytest.raises(ConfigError, match=r"core\.bare has no value"):
        settings.get("core.bare")


def test_variables_and_command_line_settings_count(box: Box) -> None:
    env = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Counted"}
    assert Settings.load(box.git(env=env)).get("user.name") == "Counted"
    assert Settings.load(box.git(env={"GIT_CONFIG_PARAMETERS": "'user.name'='Given'"})).get("user.name") == "Given"


@pytest.mark.parametrize(
    "word",
    [
        "true",
        "YES",
        "on",
        "false",
        "No",
        "off",
        "",
        "0",
        "1",
        "-1",
        "2k",
        "0x0",
        "00",
        "maybe",
        "1 ",
        "k",
        "1kk",
        "+1",
        "1_0",
        "010k",
        "-0",
        " 7",
        "09",
        "3g",
        "1g",
        "-3g",
        "1K",
    ],
)
def test_booleans_are_read_as_git_reads_them(box: Box, word: str) -> None:
    done = box.run("config", "--type=bool", "--default", word, "--get", "no.such", check=False)
    expected = None if done.returncode else done.stdout == b"true\n"
    assert parse_bool(word) is expected


def test_a_word_that_is_no_boolean_is_refused(box: Box) -> None:
    box.run("config", "commit.gpgsign", "perhaps")
    with pytest.raises(ConfigError, match=r"commit\.gpgSign is 'perhaps'"):
        Settings.load(box.git()).bool("commit.gpgSign")


@pytest.mark.parametrize("value", ["~/hooks", "~", "~root/x", "/abs/x", "rel/x", "%(prefix)/share", "a~b"])
def test_paths_are_expanded_as_git_expands_them(box: Box, value: str) -> None:
    box.run("config", "core.hooksPath", value)
    expected = os.fsdecode(box.out("config", "--type=path", "--get", "core.hooksPath")).removesuffix("\n")
    assert Settings.load(box.git()).path("core.hookspath") == Path(expected)
    assert Settings.load(box.git()).path("no.such") is None


def test_a_path_of_an_unknown_user_is_refused(box: Box) -> None:
    box.run("config", "core.hooksPath", "~no-such-user/x")
    with pytest.raises(ConfigError, match="no-such-user"):
        Settings.load(box.git()).path("core.hooksPath")


def test_broken_configuration_is_an_error_in_gits_words(box: Box) -> None:
    box.write(".git/config", "[core\n")
    with pytest.raises(ConfigError, match=r"bad config line 1 in file .*\.git/config"):
        Settings.load(box.git())


def test_without_a_repository_the_user_s_settings_still_count(bare_box: Box) -> None:
    (bare_box.home / ".gitconfig").write_text("[user]\n\tname = Global\n")
    assert Settings.load(bare_box.git()).get("user.name") == "Global"


def test_a_repository_made_later_is_noticed(bare_box: Box) -> None:
    cache = SettingsCache(bare_box.git())
    assert cache.get().get("core.bare") is None
    bare_box.run("init", "-q")
    (bare_box.home / ".gitconfig").write_text("[test]\n\tvalue = 1\n")
    assert cache.get().get("core.bare") == "false"


def test_a_warm_cache_starts_no_git(box: Box) -> None:
    cache, git = warm(box)
    started = git.started
    first = cache.get()
    assert cache.get() is first
    assert git.started == started


@pytest.mark.promise("gitmirror.settings-never-stale")
@pytest.mark.parametrize(
    "place", ["home/.gitconfig", "home/xdg/git/config", "work/not-yet", "work/.git/config.worktree", "work/.git/config"]
)
def test_every_place_a_setting_can_come_from_is_noticed(box: Box, tmp_path: Path, place: str) -> None:
    box.run("config", "include.path", str(box.top / "not-yet"))
    box.run("config", "extensions.worktreeConfig", "true")
    cache, git = warm(box, XDG_CONFIG_HOME=str(box.home / "xdg"))
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as stream:
        stream.write("[test]\n\tvalue = new\n")
    assert cache.get().get("test.value") == git.text("config", "--get", "test.value") == "new"


def test_a_replaced_global_file_is_noticed(box: Box) -> None:
    mine = box.home / "mine"
    cache, _ = warm(box, GIT_CONFIG_GLOBAL=str(mine))
    mine.write_text("[test]\n\tvalue = 1\n")
    assert cache.get().get("test.value") == "1"


def test_the_system_file_is_noticed_unless_it_is_switched_off(box: Box) -> None:
    system = box.home / "system"
    on, _ = warm(box, GIT_CONFIG_SYSTEM=str(system), GIT_CONFIG_NOSYSTEM="0")
    system.write_text("[test]\n\tvalue = 1\n")
    assert on.get().get("test.value") == "1"


def test_a_switch_of_branch_is_noticed_where_an_include_depends_on_it(box: Box) -> None:
    box.commit()
    topic = box.write("on-topic", "[test]\n\tvalue = topic\n")
    box.run("config", "includeIf.onbranch:topic.path", str(topic))
    cache, _ = warm(box, topic)
    assert cache.get().get("test.value") is None
    box.run("checkout", "-qb", "topic")
    assert cache.get().get("test.value") == "topic"


def test_a_relative_include_is_watched_from_any_folder(box: Box) -> None:
    box.run("config", "include.path", "extra/more")
    sub = box.top / "deep" / "down"
    sub.mkdir(parents=True)
    settle(box)
    cache = SettingsCache(Git(sub, box.env))
    assert cache.get().is_current()
    box.write(".git/extra/more", "[test]\n\tvalue = 1\n")
    assert cache.get().get("test.value") == "1"


def test_a_file_changed_just_now_is_not_trusted_yet(box: Box) -> None:
    config = box.git_dir / "config"
    now = time.time_ns()
    os.utime(config, ns=(now, now))
    assert not Settings.load(box.git()).is_current()


def test_a_linked_worktree_has_its_own_settings(box: Box, tmp_path: Path) -> None:
    box.commit()
    box.run("config", "extensions.worktreeConfig", "true")
    linked = tmp_path / "linked"
    box.run("worktree", "add", "-q", str(linked))
    settle(box)
    cache = SettingsCache(Git(linked, box.env))
    cache.get()
    box.run("config", "--worktree", "test.value", "linked", cwd=linked)
    assert cache.get().get("test.value") == "linked"
    assert Settings.load(box.git()).get("test.value") is None
    places = Places.find(Git(linked, box.env))
    assert places.common_dir == box.git_dir
    assert places.git_dir == box.git_dir / "worktrees" / "linked"


@given(st.from_regex(r"[A-Za-z]{1,3}(\.[A-Za-z. \"]{1,5})?\.[A-Za-z]{1,3}", fullmatch=True))
def test_folding_twice_is_folding_once(key: str) -> None:
    assert fold(fold(key)) == fold(key)


def test_the_cost_of_a_warm_answer_is_a_few_looks_at_files(box: Box) -> None:
    cache, git = warm(box)
    started = git.started
    times: list[float] = []
    for _ in range(50):
        begin = time.perf_counter()
        cache.get()
        times.append(time.perf_counter() - begin)
    assert git.started == started
    assert min(times) < 0.001
