"""Lock files: what a tool works out from another file. No merge of two is what the tool would have written.

Where git merges one by lines its text stands, with a warning; where it cannot, the tool has to write it anew.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from anvcs.merge.lines import Hunk
from anvcs.merge.markers import marked
from anvcs.merge.model import Finding, MergeResult, Options, Step
from anvcs.merge.sequence import RefusedError


@dataclass(frozen=True, slots=True)
class LockFile:
    """A kind of lock file."""

    names: tuple[str, ...]
    """What such files are called; ``*`` stands for any letters."""
    manifest: str
    """The file that it is worked out from."""
    command: str
    """What writes it anew, as one would type it where the file is."""
    lines: bool = False
    """It is a set of lines, so that all lines of both sides are right."""


KINDS = (
    LockFile(("package-lock.json",), "package.json", "npm install --package-lock-only"),
    LockFile(("npm-shrinkwrap.json",), "package.json", "npm install --package-lock-only"),
    LockFile(("yarn.lock",), "package.json", "yarn install"),
    LockFile(("pnpm-lock.yaml",), "package.json", "pnpm install --lockfile-only"),
    LockFile(("bun.lock", "bun.lockb"), "package.json", "bun install --lockfile-only"),
    LockFile(("deno.lock",), "deno.json", "deno install"),
    LockFile(("Cargo.lock",), "Cargo.toml", "cargo update --workspace"),
    LockFile(("poetry.lock",), "pyproject.toml", "poetry lock"),
    LockFile(("uv.lock",), "pyproject.toml", "uv lock"),
    LockFile(("pdm.lock",), "pyproject.toml", "pdm lock --update-reuse"),
    LockFile(("pixi.lock",), "pixi.toml", "pixi lock"),
    LockFile(("pylock.toml", "pylock.*.toml"), "pyproject.toml", "pip lock -e ."),
    LockFile(("Pipfile.lock",), "Pipfile", "pipenv lock"),
    LockFile(
        ("requirements*.lock",),
        "the requirements it is made from",
        "uv pip compile or pip-compile, as its first lines say",
    ),
    LockFile(("composer.lock",), "composer.json", "composer update --minimal-changes"),
    LockFile(("Gemfile.lock", "gems.locked"), "Gemfile", "bundle lock"),
    LockFile(("mix.lock",), "mix.exs", "mix deps.get"),
    LockFile(("pubspec.lock",), "pubspec.yaml", "dart pub get"),
    LockFile(("Podfile.lock",), "Podfile", "pod install"),
    LockFile(("Package.resolved",), "Package.swift", "swift package resolve"),
    LockFile(("packages.lock.json",), "the project file", "dotnet restore --force-evaluate"),
    LockFile(("gradle.lockfile",), "build.gradle", "gradle dependencies --write-locks"),
    LockFile(("flake.lock",), "flake.nix", "nix flake lock"),
    LockFile((".terraform.lock.hcl",), "the required providers", "terraform init"),
    LockFile(("Chart.lock",), "Chart.yaml", "helm dependency update"),
    LockFile(("MODULE.bazel.lock",), "MODULE.bazel", "bazel mod deps --lockfile_mode=update"),
    LockFile(("paket.lock",), "paket.dependencies", "dotnet paket install"),
    LockFile(("stack.yaml.lock",), "stack.yaml", "stack build --dry-run"),
    LockFile(("conan.lock",), "the conanfile", "conan lock create ."),
    LockFile(("buf.lock",), "buf.yaml", "buf dep update"),
    # Each line is the hash of one version of one module, for as long as the module is there. Go adds lines and reads
    # those it needs; it never takes one that is not needed for a mistake. `go mod tidy` removes these.
    LockFile(("go.sum", "go.work.sum"), "go.mod", "go mod tidy", lines=True),
)
_HASH = re.compile(rb"(?P<of>\S+ \S+) (?P<hash>h\d+:\S+)")


def lock_file(path: str) -> LockFile | None:
    """What kind of lock file a path is; none for all others."""
    return _named(path.rpartition("/")[2])


@lru_cache(maxsize=1024)
def _named(name: str) -> LockFile | None:
    return next((kind for kind in KINDS if any(fnmatch.fnmatchcase(name, each) for each in kind.names)), None)


def merge_lock(kind: LockFile, hunks: Sequence[Hunk], options: Options) -> MergeResult:
    """What becomes of a lock file that git leaves in conflict: a conflict that says what to run, or a set of lines."""
    if kind.lines:
        return _merge_set(hunks, options)
    return _refused(hunks, RefusedError("lock-file", _reason(kind)), options)


def warning(kind: LockFile, merged: bytes) -> tuple[Finding, ...]:
    """What is to be said of a lock file that both sides changed and git merged by lines."""
    if kind.lines:
        twice = _contradiction(merged)
        return (
            (Finding("lock-file", f"There are two hashes for {twice}; one of them is of something else."),)
            if twice
            else ()
        )
    message = (
        f"Both sides changed this lock file, and it was merged by lines: it may not match {kind.manifest}. "
        f"To be sure, run: {kind.command}"
    )
    return (Finding("lock-file", message, "soft"),)


def advice(path: str) -> str:
    """What to do about a lock file in conflict, as a sentence; empty for all other files."""
    kind = lock_file(path)
    return f"This is a lock file, and {_way_out(kind)}." if kind is not None else ""


def _reason(kind: LockFile) -> str:
    return f"both sides changed this lock file, and {_way_out(kind)}"


def _way_out(kind: LockFile) -> str:
    return f"only its tool can merge it: take either side, merge {kind.manifest}, then run: {kind.command}"


def _refused(hunks: Sequence[Hunk], why: RefusedError, options: Options) -> MergeResult:
    count = sum(hunk.merged is None for hunk in hunks)
    text, conflicts = marked(hunks, [why] * count, options)
    steps = [Step("markers", why.rule, hunk.line) for hunk in hunks if hunk.merged is None]
    return MergeResult(text, clean=False, conflicts=tuple(conflicts), trace=tuple(steps))


def _merge_set(hunks: Sequence[Hunk], options: Options) -> MergeResult:
    out: list[bytes] = []
    steps: list[Step] = []
    for hunk in hunks:
        if hunk.merged is not None:
            out.append(hunk.merged)
            continue
        lines = {line.strip() for text in (hunk.left, hunk.right) for line in text.splitlines()} - {b""}
        end = b"\r\n" if b"\r\n" in hunk.left + hunk.right else b"\n"
        out += [line + end for line in sorted(lines)]
        steps.append(Step("hunk", "lines", hunk.line))
    text = b"".join(out)
    twice = _contradiction(text)
    if twice is not None:
        reason = f"the sides have two hashes for {twice}, and one of them is of something else: find out which"
        return _refused(hunks, RefusedError("lock-file", reason), options)
    return MergeResult(text, clean=True, trace=tuple(steps))


def _contradiction(text: bytes) -> str | None:
    """A module's version of which there are two hashes by one method."""
    known: dict[tuple[bytes, bytes], bytes] = {}
    for line in text.splitlines():
        match = _HASH.fullmatch(line.strip())
        if match is not None:
            method = match["hash"].partition(b":")[0]
            if known.setdefault((match["of"], method), match["hash"]) != match["hash"]:
                return match["of"].decode("utf-8", "replace")
    return None
