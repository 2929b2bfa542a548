"""Guards judge a tree in a worktree of their own; what they said is kept, and nothing of the user's is touched."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.actions.checking import config_of, passed
from anvcs.config import Check
from anvcs.errors import CancelledError, ConfigError, GitFailedError, UntrustedError, UsageError
from anvcs.guards.model import Evidence
from tests.conftest import Repo
from tests.unit.actions.checks import Bench, outcomes
from tests.unit.gitmirror.scratch.looking import belongings

LONG = 100.0


@pytest.fixture
def bench(repo: Repo, tmp_path: Path) -> Bench:
    return Bench(repo, tmp_path / "diary")


@pytest.mark.promise("guards.scratch")
def test_guards_run_on_the_trees_files_and_not_on_the_users(bench: Bench) -> None:
    repo = bench.repo
    repo.git("switch", "--quiet", "--create", "other")
    repo.write("src/app.py", "x = 2\n")
    repo.git_commit("other")
    repo.git("switch", "--quiet", "main")
    repo.write("src/app.py", "x = 'unsaved'\n")
    repo.write("untracked.txt", "x")
    # What git did here is recorded when somebody looks.
    repo.caller().workspace(None)
    before = belongings(repo)
    body = "print(open('src/app.py').read(), os.path.exists('untracked.txt')); open('src/app.py', 'w').write('spoilt')"
    evidence = bench.one(bench.check(body), commit="other")
    assert (evidence.outcome, evidence.output) == ("passed", "x = 2\n False\n")
    assert evidence.notes == ("Files that Git tracks were changed while guards ran: src/app.py.",)
    assert belongings(repo) == before
    again = bench.one(bench.check("print(open('src/app.py').read())"), commit="other")
    assert (again.output, again.notes) == ("x = 2\n\n", ())


def test_the_evidence_of_all_guards_comes_in_the_order_of_the_configuration(bench: Bench) -> None:
    evidence = bench.run(
        {
            "tests": bench.check("sys.exit(1)"),
            "types": bench.check(),
            "lint": bench.check("sys.exit('bad')", required=False),
            "build": Check(command=("no-such-program",)),
        }
    )
    assert list(outcomes(evidence).items()) == [
        ("tests", "failed"), ("types", "passed"), ("lint", "failed"), ("build", "error"),
    ]  # fmt: skip
    assert [each.required for each in evidence] == [True, True, False, True]
    assert {each.tree for each in evidence} == {bench.repo.git("rev-parse", "HEAD^{tree}")}


def test_only_the_guards_that_are_named_are_run(bench: Bench) -> None:
    checks = {name: bench.check(name=name) for name in ("tests", "types", "lint")}
    assert list(outcomes(bench.run(checks, names=("lint", "tests")))) == ["tests", "lint"]
    assert bench.ran() == ["lint", "tests"]


def test_an_unknown_guard_is_refused_with_those_there_are(bench: Bench) -> None:
    with pytest.raises(UsageError, match="no guard called test") as refused:
        bench.run({"tests": bench.check(), "lint": bench.check()}, names=("test",))
    assert "tests, lint" in refused.value.way_out
    assert bench.ran() == []


def test_without_guards_there_is_nothing_to_do(bench: Bench) -> None:
    assert bench.run({}) == ()
    assert bench.worktrees() == []


@pytest.mark.promise("guards.untrusted")
def test_nothing_is_run_in_an_untrusted_workspace(bench: Bench) -> None:
    with pytest.raises(UntrustedError, match="is not trusted") as refused:
        bench.run(bench.check(), trusted=False, settings={"setup": (bench.python(""),)})
    assert "Trust the workspace" in refused.value.way_out
    assert bench.ran() == []
    assert bench.worktrees() == []
    assert bench.run({}, trusted=False) == ()


def test_a_tree_that_is_not_there_is_refused(bench: Bench) -> None:
    with pytest.raises(GitFailedError):
        bench.run(bench.check(), tree="1" * 40)


def test_a_tree_that_was_only_just_made_is_there(bench: Bench) -> None:
    workspace = bench.repo.caller().workspace(None)
    objects = workspace.repo.objects
    blob = objects.write("blob", b"only just\n")
    tree = objects.write("tree", b"100644 new\0" + bytes.fromhex(blob))
    from anvcs.actions.checking import check
    from anvcs.config import Config, Guards

    config = Config(guards=Guards(checks={"tests": bench.check("print(open('new').read())")}))
    (evidence,) = check(workspace, tree, config=config)
    assert evidence.output == "only just\n\n"


# What was judged is known


@pytest.mark.promise("guards.cached")
def test_a_guard_is_not_run_twice_on_the_same(bench: Bench) -> None:
    first = bench.one(bench.check("print('once'); sys.exit(3)"))
    second = bench.one(bench.check("print('once'); sys.exit(3)"))
    assert bench.ran() == ["ran"]
    assert (first.cached, second.cached) == (False, True)
    assert (second.outcome, second.exit_code, second.output, second.key) == ("failed", 3, "once\n", first.key)


def test_what_is_known_takes_the_name_and_the_weight_it_has_now(bench: Bench) -> None:
    bench.run({"tests": bench.check()})
    (evidence,) = bench.run({"unit": bench.check(required=False)})
    assert (evidence.guard, evidence.required, evidence.cached) == ("unit", False, True)


def test_what_differs_is_run_again(bench: Bench) -> None:
    repo = bench.repo
    bench.one(bench.check())
    for change in (
        {"commit": "other"},
        {"settings": {"env": ("MODE=fast",)}},
        {"settings": {"setup": (bench.python("", "setup"),)}},
        {"env": {"LC_TIME": "de_DE.UTF-8"}},
        {"fresh": True},
    ):
        if change == {"commit": "other"}:
            repo.git("switch", "--quiet", "--create", "other")
            repo.write("src/app.py", "x = 2\n")
            repo.git_commit("other")
            repo.git("switch", "--quiet", "main")
        bench.ran()
        assert not bench.one(bench.check(), **change).cached
        assert "ran" in bench.ran()
    assert not bench.one(bench.check("pass")).cached


def test_only_what_is_not_known_is_run(bench: Bench) -> None:
    bench.run({"tests": bench.check(name="tests")})
    evidence = bench.run({"tests": bench.check(name="tests"), "lint": bench.check(name="lint")})
    assert [each.cached for each in evidence] == [True, False]
    assert bench.ran() == ["lint", "tests"]


@pytest.mark.parametrize("how", ["error", "timed-out", "cancelled"])
def test_what_did_not_come_to_a_result_is_run_again(bench: Bench, how: str) -> None:
    if how == "error":
        wanted = Check(command=("no-such-program",))
        evidence = [bench.one(wanted) for _ in range(2)]
    elif how == "timed-out":
        wanted = Check(command=("sleep", "600"), seconds=0.2)
        evidence = [bench.one(wanted) for _ in range(2)]
    else:
        evidence = [bench.one(bench.check("while True: pass"), cancelled=lambda: True) for _ in range(2)]
    assert [(each.outcome, each.cached) for each in evidence] == [(how, False)] * 2


def test_another_store_can_hold_the_evidence(bench: Bench) -> None:
    class Store:
        def __init__(self) -> None:
            self.kept: dict[str, Evidence] = {}

        def get(self, key: str) -> Evidence | None:
            return self.kept.get(key)

        def put(self, evidence: Evidence) -> None:
            self.kept[evidence.key] = evidence

    store = Store()
    evidence = bench.one(bench.check(), store=store)
    assert store.kept == {evidence.key: evidence}
    assert bench.one(bench.check(), store=store).cached
    assert bench.ran() == ["ran"]


# Setup


@pytest.mark.promise("guards.setup")
def test_setup_makes_the_worktree_fit_and_is_used_again_while_lock_files_are_the_same(bench: Bench) -> None:
    repo = bench.repo
    repo.write("deps.lock", "one\n")
    repo.git_commit("lock")
    make = "os.makedirs('deps', exist_ok=True); open('deps/list', 'a').write(open('deps.lock').read())"
    settings = {"setup": (bench.python(make, "setup"),), "cache_by": ("deps.lock",), "ignored": ("deps",)}
    show = bench.check("print(open('deps/list').read())", "tests")
    assert bench.one(show, settings=settings).output == "one\n\n"
    repo.write("src/app.py", "x = 2\n")
    repo.git_commit("code")
    assert bench.one(show, settings=settings).output == "one\n\n"
    assert bench.ran() == ["setup", "tests", "tests"]
    repo.write("deps.lock", "two\n")
    repo.git_commit("other lock")
    assert bench.one(show, settings=settings).output == "two\n\n"
    assert bench.ran() == ["setup", "tests"]
    # And back: what the first setup made is still on the shelf.
    assert bench.one(show, settings=settings, commit="HEAD^", fresh=True).output == "one\n\n"
    assert bench.ran() == ["tests"]


def test_without_lock_files_setup_runs_each_time(bench: Bench) -> None:
    settings = {"setup": (bench.python("os.mkdir('deps')", "setup"),), "ignored": ("deps",)}
    for _ in range(2):
        assert bench.one(bench.check("os.listdir('deps')"), settings=settings, fresh=True).outcome == "passed"
    assert bench.ran() == ["ran", "ran", "setup", "setup"]


def test_a_setup_that_leaves_more_than_is_declared_runs_each_time_and_says_why(bench: Bench) -> None:
    bench.repo.write("deps.lock", "one\n")
    bench.repo.git_commit("lock")
    make = "os.makedirs('deps', exist_ok=True); open('generated.py', 'w')"
    settings = {"setup": (bench.python(make, "setup"),), "cache_by": ("deps.lock",), "ignored": ("deps",)}
    for _ in range(2):
        evidence = bench.one(bench.check("open('generated.py')"), settings=settings, fresh=True)
        assert evidence.outcome == "passed"
        assert evidence.notes == (
            "guards.setup runs each time, because it also makes generated.py: add that to guards.ignored.",
        )
    assert bench.ran() == ["ran", "ran", "setup", "setup"]


def test_a_setup_that_fails_is_evidence_and_no_guard_is_run(bench: Bench) -> None:
    settings = {"setup": (bench.python("print('no network'); sys.exit(7)", "setup"), bench.python("", "second"))}
    evidence = bench.run({"tests": bench.check(), "lint": bench.check(required=False)}, settings=settings)
    assert list(outcomes(evidence).items()) == [("setup", "failed"), ("tests", "error"), ("lint", "error")]
    assert (evidence[0].exit_code, evidence[0].output, evidence[0].required) == (7, "no network\n", True)
    assert evidence[1].output.startswith("It was not run, because guards.setup did not pass: ")
    assert not passed(evidence)
    assert bench.ran() == ["setup"]
    # It may have been the network.
    bench.run(bench.check(), settings=settings)
    assert bench.ran() == ["setup"]


def test_a_half_made_setup_is_not_taken_for_a_whole_one(bench: Bench) -> None:
    bench.repo.write("deps.lock", "one\n")
    bench.repo.git_commit("lock")
    make = "os.makedirs('deps'); open('deps/half', 'w'); sys.exit(1)"
    settings = {"setup": (bench.python(make, "setup"),), "cache_by": ("deps.lock",), "ignored": ("deps",)}
    for _ in range(2):
        assert bench.run(bench.check(), settings=settings)[0].outcome == "failed"
    assert bench.ran() == ["setup", "setup"]


@pytest.mark.parametrize("how", ["emptied", "cleaned", "one-removed", "made-from-nothing"])
def test_what_setup_made_is_made_again_where_it_was_lost(bench: Bench, how: str) -> None:
    repo = bench.repo
    repo.write("deps.lock", "one\n")
    repo.git_commit("lock")
    make = bench.python("[os.mkdir(each) for each in ('deps', 'more')]", "setup")
    settings = {"setup": (make,), "cache_by": ("deps.lock",), "ignored": ("deps", "more")}
    harm = {
        "emptied": "import shutil; [shutil.rmtree(each.path) for each in os.scandir('.') if each.is_dir()]",
        "cleaned": "import subprocess; subprocess.run(['git', 'clean', '-ffdxq'], check=True)",
        "one-removed": "os.rmdir('more')",
        "made-from-nothing": "",
    }[how]
    assert bench.one(bench.check(harm), settings=settings).outcome == "passed"
    if how == "made-from-nothing":
        # Nothing can be written over a folder in place of the index: the worktree is made afresh.
        index = bench.worktrees()[0].parent / "index"
        index.unlink()
        index.mkdir()
    wanted = bench.check("os.listdir('deps'), os.listdir('more')")
    assert bench.one(wanted, settings=settings).outcome == "passed"
    assert bench.ran() == ["ran", "ran", "setup", "setup"]


def test_hooks_that_setup_installs_do_not_run_for_guards(bench: Bench) -> None:
    # As husky does when npm installs it.
    hook = "mkdir .hooks && printf '#!/bin/sh\ntouch hook-ran\n' >.hooks/pre-commit && chmod +x .hooks/pre-commit"
    setup = ("sh", "-c", f"{hook} && git config core.hooksPath .hooks")
    script = "git config user.name Guard; git commit --quiet --allow-empty -m theirs && ls"
    evidence = bench.one(Check(command=("sh", "-c", script)), settings={"setup": (setup,), "ignored": (".hooks",)})
    assert evidence.outcome == "passed", evidence
    assert "hook-ran" not in evidence.output


def test_all_of_setup_has_one_time_limit(bench: Bench) -> None:
    settings = {"setup": (("true",), ("sleep", "600")), "setup_seconds": 0.5}
    evidence = bench.run(bench.check(), settings=settings)
    assert outcomes(evidence) == {"setup": "timed-out", "tests": "error"}
    assert evidence[0].command == ("sleep", "600")


def test_a_check_called_setup_is_refused(bench: Bench) -> None:
    with pytest.raises(ConfigError, match="a check called setup"):
        bench.run({"setup": bench.check()})


# What Git does not track


@pytest.mark.promise("guards.ignored")
def test_declared_ignored_paths_are_copied_from_the_users_worktree(bench: Bench) -> None:
    repo = bench.repo
    repo.write("node_modules/dep/index.js", "dep\n")
    repo.write("packages/a/node_modules/x", "x\n")
    repo.write(".env", "TOKEN=1\n")
    repo.write("other/file", "not declared\n")
    show = bench.check(
        "print([os.path.exists(path) for path in "
        "('node_modules/dep/index.js', 'packages/a/node_modules/x', '.env', 'other')])\n"
        "open('node_modules/dep/index.js', 'w').write('spoilt')"
    )
    settings = {"ignored": ("node_modules", "packages/*/node_modules", ".env")}
    assert bench.one(show, settings=settings).output == "[True, True, True, False]\n"
    assert repo.read("node_modules/dep/index.js") == b"dep\n"


def test_copied_folders_are_used_again_until_something_is_installed(bench: Bench) -> None:
    repo = bench.repo
    repo.write("node_modules/dep/index.js", "dep\n")
    repo.write("node_modules/.package-lock.json", "{}")
    settings = {"ignored": ("node_modules",)}
    mark = bench.check("print(sorted(os.listdir('node_modules'))); open('node_modules/mark', 'w')")
    assert "mark" not in bench.one(mark, settings=settings).output
    assert "mark" in bench.one(mark, settings=settings, fresh=True).output
    repo.write("node_modules/second/index.js", "dep\n")
    evidence = bench.one(mark, settings=settings)
    assert not evidence.cached
    assert evidence.output == "['.package-lock.json', 'dep', 'second']\n"


def test_a_declared_file_is_taken_as_it_is_each_time(bench: Bench) -> None:
    settings = {"ignored": (".env",)}
    show = bench.check("print(open('.env').read(), end='')")
    for text in ("A=1\n", "A=2\n"):
        bench.repo.write(".env", text)
        evidence = bench.one(show, settings=settings)
        assert (evidence.output, evidence.cached) == (text, False)
    assert bench.one(show, settings=settings).cached


def test_a_proposed_link_does_not_lead_copies_out_of_the_worktree(bench: Bench, tmp_path: Path) -> None:
    repo = bench.repo
    outside = tmp_path / "outside"
    outside.mkdir()
    repo.write("packages/node_modules/x", "x\n")
    repo.write("packages/.env", "x\n")
    (repo.path / "link").symlink_to(outside)
    repo.git("add", "link")
    repo.git("update-index", "--add", "--cacheinfo", f"120000,{repo.git('rev-parse', ':link')},packages")
    tree = repo.git("write-tree")
    settings = {"ignored": ("packages/node_modules", "packages/.env")}
    assert bench.one(bench.check(), tree=tree, settings=settings).outcome == "passed"
    assert list(outside.iterdir()) == []


# The environment


@pytest.mark.promise("guards.environment")
def test_guards_get_the_safe_variables_and_those_that_are_allowed(bench: Bench) -> None:
    show = bench.check(
        "print({name: os.environ.get(name) for name in ('AWS_SECRET', 'MODE', 'NODE_ENV', 'HOME', 'CI')})"
    )
    env = {"AWS_SECRET": "secret", "MODE": "fast", "NODE_ENV": "x"}
    evidence = bench.one(show, env=env, settings={"env": ("MODE", "NODE_ENV=test")})
    home = bench.repo.env["HOME"]
    expected = {"AWS_SECRET": None, "MODE": "fast", "NODE_ENV": "test", "HOME": home, "CI": "true"}
    assert evidence.output == f"{expected}\n"


def test_git_inside_a_guard_is_that_of_the_scratch_worktree_wherever_we_were_called_from(bench: Bench) -> None:
    repo = bench.repo
    env = {
        "GIT_DIR": str(repo.path / ".git"),
        "GIT_WORK_TREE": str(repo.path),
        "GIT_INDEX_FILE": str(repo.path / ".git/index"),
    }
    script = "git config user.name Guard; git commit --quiet --allow-empty -m theirs; git rev-parse --show-toplevel"
    repo.caller().workspace(None)
    before = belongings(repo)
    settings = {"env": ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")}
    evidence = bench.one(Check(command=("sh", "-c", script)), env=env, settings=settings)
    assert evidence.output.strip() == str(bench.worktrees()[0])
    assert belongings(repo) == before


def test_programs_of_the_users_worktree_are_those_of_the_scratch_worktree(bench: Bench) -> None:
    repo = bench.repo
    for path in ("tools/bin/show", "venv/bin/only-there", "other/bin/there"):
        repo.write(path, "#!/bin/sh\ndirname $0\n").chmod(0o755)
    repo.write("venv/pyvenv.cfg", "home = /usr/bin\n")
    path = ":".join([*(str(repo.path / each / "bin") for each in ("tools", "venv", "other")), repo.env["PATH"]])
    settings = {"ignored": ("tools",)}
    evidence = bench.one(Check(command=("show",)), env={"PATH": path}, settings=settings)
    assert evidence.output.strip() == str(bench.worktrees()[0] / "tools/bin")
    lacks = f"PATH names {repo.path}/venv/bin, which the scratch worktree lacks: "
    assert evidence.notes == (f"{lacks}add it to guards.ignored, or let guards.setup make it.",)
    assert bench.one(Check(command=("only-there",)), env={"PATH": path}, settings=settings).outcome == "error"
    assert bench.one(Check(command=("there",)), env={"PATH": path}, settings=settings).outcome == "passed"


@pytest.mark.promise("guards.scratch")
def test_an_editable_install_outside_of_the_worktree_does_not_let_tests_judge_the_users_code(
    bench: Bench, tmp_path: Path
) -> None:
    repo = bench.repo
    repo.write("src/own.py", "WHO = 'merged'\n")
    repo.git_commit("own")
    repo.write("src/own.py", "WHO = 'unsaved'\n")
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True, timeout=60)
    (next(venv.glob("lib/python3*/site-packages")) / "own.pth").write_text(f"{repo.path}/src\n")
    env = {"PATH": f"{venv}/bin:{repo.env['PATH']}"}
    evidence = bench.one(Check(command=("python3", "-c", "import own; print(own.WHO)")), env=env)
    assert evidence.output == "merged\n"
    assert evidence.notes == (
        "An editable install of your worktree is on PATH; Python imports the merged tree's files instead.",
    )


def test_secrets_never_enter_evidence(bench: Bench) -> None:
    secret, token = "open sesame 12", "ghp_" + "a1B2" * 9
    body = f"print('value', os.environ['DEPLOY_TOKEN'], {token!r})"
    evidence = bench.one(bench.check(body), env={"DEPLOY_TOKEN": secret}, settings={"env": ("DEPLOY_TOKEN",)})
    assert evidence.outcome == "passed"
    told = "\n".join([evidence.output, *evidence.command])
    assert secret not in told
    assert token not in told
    kept = b"".join(each.read_bytes() for each in bench.worktrees()[0].parents[1].glob("evidence/*"))
    assert b"sesame" not in kept


# Limits


@pytest.mark.promise("guards.limits")
def test_a_hanging_guard_holds_nobody_up(bench: Bench) -> None:
    checks = {
        "hangs": Check(command=("sleep", "600"), seconds=0.5),
        "floods": Check(command=("yes",), seconds=0.5),
        "tests": bench.check(),
    }
    evidence = bench.run(checks, settings={"output": 1, "parallel": 3})
    assert outcomes(evidence) == {"hangs": "timed-out", "floods": "timed-out", "tests": "passed"}
    assert evidence[1].truncated
    assert len(evidence[1].output) < 1200


def test_a_flaky_guard_passes_and_is_called_flaky(bench: Bench) -> None:
    wanted = bench.check(
        "path = '../flaky'; first = not os.path.exists(path); open(path, 'w'); sys.exit(first)", retries=1
    )
    evidence = bench.one(wanted)
    assert (evidence.outcome, evidence.flaky) == ("passed", True)
    assert bench.one(wanted).flaky


def test_guards_run_side_by_side_but_not_more_than_allowed(bench: Bench, tmp_path: Path) -> None:
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    # Each waits until it has seen another.
    meet = (
        f"import time\nopen({str(meeting)!r} + '/' + str(os.getpid()), 'w')\n"
        f"while len(os.listdir({str(meeting)!r})) < 2: time.sleep(0.01)\n"
    )
    checks = {name: Check(command=(sys.executable, "-c", "import os\n" + meet), seconds=30) for name in ("a", "b")}
    assert set(outcomes(bench.run(checks, settings={"parallel": 2})).values()) == {"passed"}
    for each in meeting.iterdir():
        each.unlink()
    short = {name: Check(command=check.command, seconds=1) for name, check in checks.items()}
    alone = bench.run(short, settings={"parallel": 1}, fresh=True)
    assert outcomes(alone) == {"a": "timed-out", "b": "passed"}


# Cancelling


def test_a_cancelled_check_says_of_each_guard_how_far_it_came(bench: Bench, tmp_path: Path) -> None:
    started = tmp_path / "started"
    checks = {
        "quick": bench.check(),
        "long": bench.check(f"open({str(started)!r}, 'w')\nwhile True: pass", "long"),
        "later": bench.check(name="later"),
    }
    evidence = bench.run(checks, settings={"parallel": 1}, cancelled=started.exists)
    assert outcomes(evidence) == {"quick": "passed", "long": "cancelled", "later": "cancelled"}
    assert bench.ran() == ["long", "ran"]


@pytest.mark.parametrize("message", ["Preparing a scratch worktree", "Setting up: ", "Running guards: tests"])
def test_progress_that_refuses_ends_the_check_and_leaves_nothing_running(bench: Bench, message: str) -> None:
    told: list[str] = []

    def progress(said: str, percent: int | None) -> None:
        del percent
        told.append(said)
        if said.startswith(message):
            raise CancelledError("Stop.")

    wanted = bench.check("while True: pass")
    with pytest.raises(CancelledError, match=r"Stop\."):
        bench.run(wanted, settings={"setup": (bench.python("", "setup"),)}, progress=progress)
    assert told[-1].startswith(message)
    assert threading.active_count() == 1
    # The worktree is free, and the next check begins as if nothing had been.
    assert bench.one(bench.check("print(1)")).outcome == "passed"
    assert len(bench.worktrees()) == 1


def test_cancelled_before_anything_ran(bench: Bench) -> None:
    assert bench.one(bench.check(), cancelled=lambda: True).outcome == "cancelled"
    assert bench.ran() == []


def test_progress_says_what_is_done(bench: Bench) -> None:
    told: list[tuple[str, int | None]] = []

    def progress(said: str, percent: int | None) -> None:
        told.append((said, percent))

    checks = {"tests": bench.check(), "lint": bench.check()}
    settings = {"setup": (("true",),), "parallel": 1}
    bench.run(checks, settings=settings, progress=progress)
    assert list(dict.fromkeys(told)) == [
        ("Preparing a scratch worktree", None),
        ("Copying what Git does not track", None),
        ("Setting up: true", None),
        ("Running guards: tests, lint", 0),
        ("Running guards: lint", 50),
    ]


# Only what is affected first


@pytest.mark.promise("guards.affected")
def test_the_tests_that_a_change_affects_fail_fast_and_the_full_check_decides_if_they_pass(bench: Bench) -> None:
    repo = bench.repo
    repo.write("-odd name", "x")
    repo.write("src/new.py", "y = 1\n")
    repo.git("rm", "--quiet", "README.md")
    repo.git_commit("change")
    parents = (repo.git("rev-parse", "HEAD^"),)
    for code, outcome, ran in ((0, "failed", ["affected", "full"]), (1, "failed", ["affected"])):
        affected = (*bench.python(f"print(sys.argv[1:]); sys.exit({code})", "affected"), "--files", "{files}")
        evidence = bench.one(bench.check("sys.exit(2)", "full", affected=affected), parents=parents, fresh=True)
        assert (evidence.outcome, evidence.exit_code) == (outcome, 2 if code == 0 else 1)
        assert bench.ran() == ran
    assert evidence.output == "['--files', './-odd name', 'src/new.py']\n"
    assert evidence.command[-1] == "src/new.py"


def test_what_affected_tests_say_is_not_kept_for_the_full_check(bench: Bench) -> None:
    bench.repo.write("src/new.py", "y = 1\n")
    bench.repo.git_commit("change")
    wanted = bench.check("", "full", affected=bench.python("sys.exit(1)", "affected"))
    parents = (bench.repo.git("rev-parse", "HEAD^"),)
    assert bench.one(wanted, parents=parents).outcome == "failed"
    evidence = bench.one(bench.check("", "full"), parents=parents)
    assert (evidence.outcome, evidence.cached) == ("passed", False)


@pytest.mark.parametrize("affected", [("no-such-program",), ("sleep", "600")])
def test_affected_tests_that_cannot_be_run_are_left_to_the_full_check(bench: Bench, affected: tuple[str, ...]) -> None:
    bench.repo.write("src/new.py", "y = 1\n")
    bench.repo.git_commit("change")
    wanted = bench.check(affected=affected, seconds=1.5)
    assert bench.one(wanted, parents=(bench.repo.git("rev-parse", "HEAD^"),)).outcome == "passed"


def test_without_a_parent_nothing_is_known_to_be_affected(bench: Bench) -> None:
    assert bench.one(bench.check(affected=bench.python("sys.exit(1)", "affected"))).outcome == "passed"
    assert bench.ran() == ["ran"]


def test_guards_see_a_merge_of_the_parents(bench: Bench) -> None:
    repo = bench.repo
    repo.git("switch", "--quiet", "--create", "side")
    repo.write("side.txt", "side\n")
    repo.git_commit("side")
    repo.git("switch", "--quiet", "main")
    repo.write("main.txt", "main\n")
    repo.git_commit("main")
    script = "git diff --name-only HEAD^1 && git rev-parse HEAD^2 && git status --porcelain"
    parents = (repo.head(), repo.git("rev-parse", "side"))
    tree = repo.git("merge-tree", "--write-tree", "main", "side")
    evidence = bench.one(Check(command=("sh", "-c", script)), tree=tree, parents=parents)
    assert evidence.output == f"side.txt\n{parents[1]}\n"


# Whose settings count


@pytest.mark.promise("guards.target-decides")
def test_the_settings_are_those_of_a_tree_and_not_of_the_worktree(bench: Bench) -> None:
    repo = bench.repo
    repo.write("ai-vcs.config.yaml", "guards: {checks: {tests: {command: 'true'}}}\n")
    repo.git("add", "--force", "ai-vcs.config.yaml")
    repo.git_commit("guards")
    target = repo.git("rev-parse", "HEAD^{tree}")
    repo.write("ai-vcs.config.yaml", "guards: {checks: {}}\n")
    repo.git_commit("switched off")
    workspace = repo.caller().workspace(None)
    assert list(config_of(workspace, target).guards.checks) == ["tests"]
    repo.git("rm", "--quiet", "--cached", "ai-vcs.config.yaml")
    repo.git_commit("not tracked")
    repo.write("ai-vcs.config.yaml", "guards: {checks: {own: {command: 'true'}}}\n")
    nothing = repo.git("rev-parse", "HEAD^{tree}")
    assert list(config_of(workspace, nothing).guards.checks) == ["own"]
    repo.write("ai-vcs.config.yaml", "guards: {checks: {other: {command: 'true'}}}\n")
    assert list(config_of(workspace, nothing).guards.checks) == ["other"]
    repo.git("add", "--force", "ai-vcs.config.yaml")
    assert list(config_of(workspace, nothing).guards.checks) == []


@pytest.mark.parametrize("kind", ["link", "bytes", "yaml"])
def test_settings_in_a_tree_that_cannot_be_read_are_refused(bench: Bench, kind: str) -> None:
    repo = bench.repo
    data = {"link": b"elsewhere", "bytes": b"\xff", "yaml": b"guards: [\n"}[kind]
    blob = repo.git("hash-object", "-w", "--stdin", stdin=data)
    repo.git(
        "update-index", "--add", "--cacheinfo", f"{'120000' if kind == 'link' else '100644'},{blob},ai-vcs.config.yaml"
    )
    tree = repo.git("write-tree")
    with pytest.raises(ConfigError, match=f"in the tree {tree[:12]}"):
        config_of(repo.caller().workspace(None), tree)


# What it costs, and leaving


def test_scratch_worktrees_are_counted_and_go_with_us(bench: Bench) -> None:
    bench.one(bench.check("open('large', 'wb').write(bytes(100_000))"))
    caller = bench.repo.caller()
    costs = {cost.name: cost.bytes for cost in call(caller, wire.DU, wire.DuParams()).costs}
    assert costs["checks"] > 100_000
    folder = bench.worktrees()[0].parents[1]
    assert f"folder {folder}" in call(caller, wire.UNINSTALL, wire.UninstallParams(dry_run=True)).removed
    assert folder.exists()
    call(caller, wire.UNINSTALL, wire.UninstallParams())
    assert not folder.exists()
