"""Guards on a real npm project and a real Python project, set up by their own tools, and a queue in front of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs.actions.checking import check, config_of, passed
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.merging import merged
from anvcs.guards.model import Evidence
from anvcs.guards.queue import Tried, drain
from scripts.toolchain import NODE_BIN
from tests.conftest import Repo

pytestmark = pytest.mark.promise("guards.real")

MakeRepo = Callable[..., Repo]
NPM = """
guards:
  setup: [npm ci --offline --no-audit --no-fund]
  cache_by: [package-lock.json]
  ignored: [node_modules]
  checks:
    tests:
      command: npm test
      affected: [node, --test, "{files}"]
      seconds: 100
    lint:
      command: npm run --silent lint
      seconds: 100
"""
PYTHON = f"""
guards:
  ignored: [.venv]
  checks:
    tests:
      command: [tool, -q, -p, no:cacheprovider]
      seconds: 100
    build:
      command: ["{sys.executable}", -m, compileall, -q, src]
      required: false
"""


def commit_all(repo: Repo, config: str) -> None:
    repo.write("ai-vcs.config.yaml", config)
    repo.git("add", "--all", "--force")
    repo.git("commit", "--quiet", "-m", "project")


@pytest.fixture
def npm(make_repo: MakeRepo) -> Repo:
    """A project with a workspace of its own as its dependency, so that installing it needs no network."""
    repo = make_repo("shop")
    repo.env["PATH"] = f"{NODE_BIN}:{repo.env['PATH']}"
    package = {
        "name": "shop",
        "private": True,
        "workspaces": ["packages/*"],
        "scripts": {"test": "node --test", "lint": "node --check src/basket.js"},
    }
    lock = {
        "name": "shop",
        "lockfileVersion": 3,
        "requires": True,
        "packages": {
            "": {"name": "shop", "workspaces": ["packages/*"]},
            "node_modules/prices": {"resolved": "packages/prices", "link": True},
            "packages/prices": {"name": "prices", "version": "1.0.0"},
        },
    }
    repo.write("package.json", json.dumps(package))
    repo.write("package-lock.json", json.dumps(lock))
    repo.write("packages/prices/package.json", json.dumps({"name": "prices", "version": "1.0.0", "main": "index.js"}))
    repo.write("packages/prices/index.js", "exports.price = (name) => name.length;\n")
    repo.write(
        "src/basket.js", "const { price } = require('prices');\nexports.total = (names) => names.map(price).length;\n"
    )
    repo.write(
        "test/basket.test.js",
        "const test = require('node:test');\nconst assert = require('node:assert');\n"
        "const { total } = require('../src/basket.js');\ntest('counts', () => assert.equal(total(['a', 'b']), 2));\n",
    )
    repo.write(".gitignore", "node_modules\n")
    repo.git("add", "--all")
    commit_all(repo, NPM)
    return repo


@pytest.fixture
def python(make_repo: MakeRepo) -> Repo:
    """A project with a virtual environment in its worktree, in which it is installed so that it can be edited."""
    repo = make_repo("tides")
    repo.write("src/tides.py", "def high(day):\n    return day % 12\n")
    repo.write("tests/test_tides.py", "import tides\n\n\ndef test_high():\n    assert tides.high(13) == 1\n")
    repo.write("pyproject.toml", '[project]\nname = "tides"\nversion = "1"\n')
    repo.write(".gitignore", ".venv\n__pycache__\n")
    repo.git("add", "--all")
    commit_all(repo, PYTHON)
    packages = repo.path / f".venv/lib/python3.{sys.version_info.minor}/site-packages"
    packages.mkdir(parents=True)
    (packages / "tides.pth").write_text(f"{repo.path}/src\n")
    repo.write(".venv/pyvenv.cfg", f"home = {Path(sys.base_prefix) / 'bin'}\n")
    (repo.path / ".venv/bin").mkdir()
    (repo.path / ".venv/bin/python").symlink_to(Path(sys.executable).resolve())
    # pytest itself is that of the environment that these tests run in.
    with_pytest = "".join(f"sys.path.append({place!r})\n" for place in sys.path if place.endswith("site-packages"))
    tool = repo.write(
        ".venv/bin/tool",
        f"#!{repo.path}/.venv/bin/python\nimport sys\n{with_pytest}import pytest\nsys.exit(pytest.main())\n",
    )
    tool.chmod(0o755)
    repo.env["PATH"] = f"{repo.path}/.venv/bin:{repo.env['PATH']}"
    return repo


def branch(repo: Repo, name: str, path: str, text: str) -> None:
    """A stream from main that changes one file."""
    repo.git("switch", "--quiet", "--create", name, "main")
    repo.write(path, text)
    repo.git("add", "--", path)
    repo.git("commit", "--quiet", "-m", name)
    repo.git("switch", "--quiet", "main")


def judge(repo: Repo, tree: str, *parents: str) -> dict[str, Evidence]:
    """What the guards of main say of a tree, by name."""
    workspace = repo.caller().workspace(None)
    config = config_of(workspace, repo.git("rev-parse", "main^{tree}"))
    commits = tuple(repo.git("rev-parse", each) for each in parents)
    return {each.guard: each for each in check(workspace, tree, config=config, parents=commits)}


def test_an_npm_project_is_installed_and_tested_as_merged(npm: Repo) -> None:
    branch(npm, "prices", "packages/prices/index.js", "exports.price = (name) => name.length * 2;\n")
    tree = npm.git("rev-parse", "prices^{tree}")
    evidence = judge(npm, tree, "main")
    assert {name: each.outcome for name, each in evidence.items()} == {"tests": "passed", "lint": "passed"}, evidence
    assert "pass 1" in evidence["tests"].output
    assert not (npm.path / "node_modules").exists()
    assert all(each.cached for each in judge(npm, tree, "main").values())
    # Another tree with the same lock file needs no installation.
    branch(npm, "broken", "src/basket.js", "exports.total = () => 3;\n")
    told: list[str] = []
    workspace = npm.caller().workspace(None)
    config = config_of(workspace, npm.git("rev-parse", "main^{tree}"))
    tree = npm.git("rev-parse", "broken^{tree}")
    found = check(workspace, tree, config=config, progress=lambda said, _: told.append(said))
    assert [each.outcome for each in found] == ["failed", "passed"]
    assert "actual: 3" in found[0].output
    assert not any("npm ci" in said for said in told)


def test_an_npm_project_whose_lock_file_is_wrong_is_not_tested_on_what_was_there(npm: Repo) -> None:
    assert judge(npm, npm.git("rev-parse", "main^{tree}"))["tests"].outcome == "passed"
    branch(npm, "lock", "package-lock.json", '{"name": "shop", "lockfileVersion": 3, "packages": {}}')
    evidence = judge(npm, npm.git("rev-parse", "lock^{tree}"))
    assert (evidence["setup"].outcome, evidence["tests"].outcome) == ("failed", "error")
    assert "npm" in evidence["setup"].output


def test_a_python_project_is_tested_on_the_merged_code_though_it_is_installed_from_the_users(python: Repo) -> None:
    branch(python, "broken", "src/tides.py", "def high(day):\n    return day % 10\n")
    evidence = judge(python, python.git("rev-parse", "broken^{tree}"), "main")
    # The user's own code, which the environment is set to import, would pass.
    assert (evidence["tests"].outcome, evidence["build"].outcome) == ("failed", "passed"), evidence
    assert "assert 3 == 1" in evidence["tests"].output
    assert judge(python, python.git("rev-parse", "main^{tree}"))["tests"].outcome == "passed"


@pytest.mark.promise("guards.affected")
def test_the_changed_tests_of_a_python_project_run_first_and_all_of_them_decide(python: Repo) -> None:
    repo = python
    config = PYTHON.replace(
        "      seconds", '      affected: [tool, -q, -p, no:cacheprovider, "{files}"]\n      seconds', 1
    )
    repo.write("tests/test_other.py", "def test_other():\n    assert True\n")
    repo.write("tests/test_old.py", "def test_old():\n    assert True\n")
    repo.git("add", "tests")
    commit_all(repo, config)

    def stream(name: str, body: str) -> None:
        repo.git("switch", "--quiet", "--create", name, "main")
        repo.git("rm", "--quiet", "tests/test_old.py")
        repo.write("tests/test_tides.py", f"import tides\n\n\ndef test_high():\n    assert {body}\n")
        repo.git("add", "tests")
        repo.git("commit", "--quiet", "-m", name)
        repo.git("switch", "--quiet", "main")

    stream("wrong", "tides.high(13) == 2")
    found = judge(repo, repo.git("rev-parse", "wrong^{tree}"), "main")["tests"]
    # The file that is gone is no argument, and the test that nobody changed was not run.
    assert (found.outcome, found.command[-1]) == ("failed", "tests/test_tides.py")
    assert "1 failed" in found.output
    assert "passed" not in found.output
    stream("right", "tides.high(14) == 2")
    found = judge(repo, repo.git("rev-parse", "right^{tree}"), "main")["tests"]
    assert (found.outcome, found.command[-1]) == ("passed", "no:cacheprovider")
    assert "2 passed" in found.output


def test_a_queue_lands_what_passes_and_finds_the_merge_that_only_git_takes_for_clean(python: Repo) -> None:
    repo = python
    branch(repo, "docs", "README.md", "tides\n")
    branch(repo, "low", "src/low.py", "import tides\n\n\ndef low(day):\n    return tides.high(day) + 6\n")
    repo.git("switch", "--quiet", "--create", "gone", "main")
    repo.write("src/tides.py", "def high_water(day):\n    return day % 12\n")
    repo.write("tests/test_tides.py", "import tides\n\n\ndef test_high():\n    assert tides.high_water(13) == 1\n")
    repo.git("add", "src", "tests")
    repo.git("commit", "--quiet", "-m", "gone")
    repo.git("switch", "--quiet", "main")
    branch(repo, "use", "tests/test_low.py", "import tides\n\n\ndef test_low():\n    assert tides.high(1) == 1\n")

    git = Git(repo.path, repo.env)

    def trial(items: tuple[str, ...], /, *, again: bool) -> Tried:
        del again
        commit = repo.git("rev-parse", "main")
        for at, item in enumerate(items):
            tree, conflicts = merged(git, commit, repo.git("rev-parse", item))
            if conflicts:
                return Tried("conflict", conflict=at)
            commit = repo.git("commit-tree", "-p", commit, "-p", item, "-m", item, tree)
        evidence = tuple(judge(repo, repo.git("rev-parse", f"{commit}^{{tree}}"), "main").values())
        return Tried("passed" if passed(evidence) else "failed", evidence=evidence)

    result = drain(("docs", "use", "gone", "low"), trial)
    assert result.landed == ("docs", "use", "low")
    assert [each.item for each in result.rejected] == ["gone"]
    (culprit,) = result.rejected
    assert "has no attribute 'high'" in culprit.tried.evidence[0].output
    assert culprit.after == ("docs", "use")
