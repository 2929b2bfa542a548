"""Lock files are never merged by syntax: git's text stands with a warning, or the tool is named that writes them."""

from __future__ import annotations

import pytest

from anvcs.merge import merge
from anvcs.merge.guards import check
from anvcs.merge.kinds import is_special
from anvcs.merge.lockfiles import lock_file

LOCK = (
    '{\n  "packages": {\n    "a": {\n      "version": "1.0.0"\n    },\n    "b": 1,\n    "c": 2,\n    "d": 3\n  }\n}\n'
)


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("package-lock.json", "npm install --package-lock-only"),
        ("web/npm-shrinkwrap.json", "npm install --package-lock-only"),
        ("yarn.lock", "yarn install"),
        ("pnpm-lock.yaml", "pnpm install --lockfile-only"),
        ("bun.lock", "bun install --lockfile-only"),
        ("Cargo.lock", "cargo update --workspace"),
        ("poetry.lock", "poetry lock"),
        ("uv.lock", "uv lock"),
        ("Pipfile.lock", "pipenv lock"),
        ("requirements-dev.lock", "uv pip compile"),
        ("composer.lock", "composer update --minimal-changes"),
        ("Gemfile.lock", "bundle lock"),
        ("flake.lock", "nix flake lock"),
        ("infra/.terraform.lock.hcl", "terraform init"),
        ("charts/a/Chart.lock", "helm dependency update"),
    ],
)
def test_a_lock_file_in_conflict_is_refused_with_the_command_that_writes_it(path: str, command: str) -> None:
    base = LOCK.encode()
    result = merge(base, base.replace(b"1.0.0", b"1.1.0"), base.replace(b"1.0.0", b"1.2.0"), path=path)
    assert [conflict.rule for conflict in result.conflicts] == ["lock-file"]
    assert command in result.conflicts[0].reason
    assert result.text.count(b"<<<<<<<") == 1


def test_keys_that_both_sides_add_to_a_lock_file_are_not_put_together() -> None:
    base = LOCK.encode()
    left, right = (base.replace(b'"d": 3\n', b'"d": 3,\n    "%s": 4\n' % name) for name in (b"e", b"f"))
    assert merge(base, left, right, path="data.json").clean
    assert not merge(base, left, right, path="package-lock.json").clean


def test_a_lock_file_that_git_merges_stands_as_git_has_it_with_a_soft_finding() -> None:
    base = LOCK.encode()
    left, right = base.replace(b"1.0.0", b"1.1.0"), base.replace(b'"d": 3', b'"d": 4')
    result = merge(base, left, right, path="package-lock.json")
    assert result.text == left.replace(b'"d": 3', b'"d": 4')
    assert result.safe
    assert [(each.kind, each.severity) for each in result.findings] == [("lock-file", "soft")]
    assert "npm install --package-lock-only" in result.findings[0].message
    assert check(base, left, base, left, path="package-lock.json") == ()


def test_sums_of_go_modules_are_all_kept() -> None:
    base = "a v1.0.0 h1:aa=\na v1.0.0/go.mod h1:ab=\n"
    left, right = base + "c v1.0.0 h1:cc=\nd v1.0.0 h1:dd=\n", base + "b v1.0.0 h1:bb=\nd v1.0.0 h1:dd=\n"
    want = base + "b v1.0.0 h1:bb=\nc v1.0.0 h1:cc=\nd v1.0.0 h1:dd=\n"
    for sides in ((left, right), (right, left)):
        result = merge(base.encode(), sides[0].encode(), sides[1].encode(), path="go.sum")
        assert result.text.decode() == want
        assert result.safe
        assert result.findings == ()


def test_two_sums_for_one_version_of_a_module_are_for_a_person() -> None:
    base = "a v1.0.0 h1:aa=\n"
    sides = [(base + f"b v1.0.0 h1:{word}=\n").encode() for word in ("bb", "xx")]
    result = merge(base.encode(), *sides, path="go.sum")
    assert not result.clean
    assert "b v1.0.0" in result.conflicts[0].reason
    apart = [b"b v1.0.0 h1:xx=\n" + base.encode(), base.encode() + b"b v1.0.0 h1:bb=\n"]
    assert [each.kind for each in merge(base.encode(), *apart, path="go.sum").findings] == ["lock-file"]


def test_other_files_are_no_lock_files() -> None:
    assert lock_file("package.json") is None
    assert lock_file("src/lock.py") is None
    assert not is_special("a.json")
    assert is_special("a/go.sum")
    assert is_special("a.ipynb")
