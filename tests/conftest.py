"""What every test shares: a home of its own, Git repositories, and callers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from anvcs import wire
from anvcs.actions.caller import Caller, call

pytest_plugins = ["tests.models", "tests.servers"]

IDENTITY = """[user]
    name = Ada Lovelace
    email = ada@example.org
[init]
    defaultBranch = main
[advice]
    detachedHead = false
[protocol "file"]
    allow = always
[gc]
    auto = 0
[core]
    excludesFile = ~/.gitignore
"""
IGNORED = "/ai-vcs.config.yaml\n"
"""What ``init`` writes for the team would else be one more new file in every test."""

# How long an example takes says more of the machine than of what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


# Before pytest-xdist looks for the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what needs the machine to itself in one process; everything else is spread over all of them."""
    for item in items:
        if item.get_closest_marker("editor") or item.get_closest_marker("heavy"):
            item.add_marker(pytest.mark.xdist_group("heavy"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with nothing in it but an identity."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / ".gitconfig").write_text(IDENTITY)
    (folder / ".gitignore").write_text(IGNORED)
    return folder


@pytest.fixture
def env(home: Path) -> dict[str, str]:
    """An environment in which git sees only this test's configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "XDG_", "EMAIL"))}
    return {**kept, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC", "PYTHONWARNDEFAULTENCODING": "1"}


class Repo:
    """A work tree with the real git as oracle and ANVCS beside it."""

    def __init__(self, path: Path, env: Mapping[str, str], config_home: Path) -> None:
        self.path = path
        self.env = dict(env)
        self.config_home = config_home
        self._callers: list[Caller] = []

    def git(self, *args: str | Path, stdin: bytes = b"", **extra: str) -> str:
        """Run git here and give its output; a failure fails the test."""
        return self.git_bytes(*args, stdin=stdin, **extra).decode("utf-8", "surrogateescape").removesuffix("\n")

    def git_bytes(self, *args: str | bytes | Path, stdin: bytes = b"", **extra: str) -> bytes:
        """As :meth:`git`, undecoded."""
        done = subprocess.run(
            ["git", *args], cwd=self.path, env={**self.env, **extra}, input=stdin, capture_output=True, check=False
        )
        assert done.returncode == 0, (args, done.stdout, done.stderr)
        return done.stdout

    def git_fails(self, *args: str | Path) -> str:
        """Run git where it must fail, and give what it said."""
        done = subprocess.run(["git", *args], cwd=self.path, env=self.env, capture_output=True, check=False)
        assert done.returncode != 0
        return done.stderr.decode()

    def write(self, name: str, text: str | bytes) -> Path:
        """Save a file, with its folders."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def read(self, name: str) -> bytes:
        """A file's bytes."""
        return (self.path / name).read_bytes()

    def caller(self, cwd: Path | None = None, at: Callable[[str], None] | None = None, **extra: str) -> Caller:
        """A caller standing in the work tree; closed with the test."""
        made = Caller(cwd=cwd or self.path, env={**self.env, **extra}, config_home=self.config_home)
        if at is not None:
            made.at = at
        self._callers.append(made)
        return made

    def init(self) -> wire.InitResult:
        """Set ANVCS up."""
        return call(self.caller(), wire.INIT, wire.InitParams())

    def commit(
        self,
        message: str | None = "work",
        *paths: str,
        amend: bool = False,
        allow_empty: bool = False,
        no_verify: bool = False,
        sign: bool | None = None,
        metadata: wire.Metadata | None = None,
        caller: Caller | None = None,
    ) -> wire.CommitResult:
        """Make an ANVCS commit."""
        params = wire.CommitParams(
            message=message,
            paths=paths,
            amend=amend,
            allow_empty=allow_empty,
            no_verify=no_verify,
            sign=sign,
            metadata=metadata or wire.Metadata(),
        )
        return call(caller or self.caller(), wire.COMMIT, params)

    def show(self, commit: str = "HEAD") -> wire.CommitDetails:
        """What is known of a commit."""
        return call(self.caller(), wire.SHOW, wire.ShowParams(commit=commit))

    def git_commit(self, message: str = "plain") -> str:
        """Commit everything with plain git, and give the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.head()

    def head(self) -> str:
        """The commit HEAD stands on."""
        return self.git("rev-parse", "HEAD")

    def status(self) -> str:
        """What git status says, one line a path."""
        return self.git("status", "--porcelain", "--untracked-files=all")

    def snapshot(self) -> tuple[str, ...]:
        """Everything a refusal must leave as it was: refs, HEAD, the index entry by entry, the files' state."""
        refs = self.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags", "refs/stash")
        head = (Path(self.git("rev-parse", "--absolute-git-dir")) / "HEAD").read_text()
        return refs, head, self.git("ls-files", "--stage"), self.git("ls-files", "-v"), self.status()

    def close(self) -> None:
        """Close every caller."""
        for caller in self._callers:
            caller.close()


@pytest.fixture
def make_repo(tmp_path: Path, env: dict[str, str], home: Path) -> Iterator[Callable[..., Repo]]:
    """Makes a Git repository with one plain commit, or an empty one."""
    made: list[Repo] = []

    def make(name: str = "repo", *, empty: bool = False, init: bool = True) -> Repo:
        path = tmp_path / name
        path.mkdir()
        repo = Repo(path, env, home / ".config" / "anvcs")
        made.append(repo)
        repo.git("init", "--quiet")
        if not empty:
            repo.write("README.md", "hello\n")
            repo.write("src/app.py", "x = 1\n")
            repo.git_commit("first")
        if init:
            repo.init()
        return repo

    yield make
    for repo in made:
        repo.close()


@pytest.fixture
def repo(make_repo: Callable[..., Repo]) -> Repo:
    """A repository with one plain commit (README.md and src/app.py) and ANVCS set up."""
    return make_repo()
