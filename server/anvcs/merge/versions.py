"""The rule for version numbers: where both sides only raised one, the higher one stands.

It holds for files that name versions of packages, and there for lines that say nothing but which version. A number with
dots elsewhere, an address or a section's number, may be anything and stays a conflict.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence

from anvcs.merge.items import WORDS

_VERSION = rb"\d+(?:\.\d+)+(?:(?:[-.+]?(?:dev|alpha|beta|pre|preview|rc|post|a|b|c|SNAPSHOT))(?:[-.]?\d+)?)?(?![\w.+-])"
# Of bounds only lower ones: who raises an upper one says what is known to work, which the other side did not try.
_FROM = rb"(?:\^|~>|~=|~|>=|>|={1,3})\s*"
_RANGE = rb"(?:" + _FROM + rb")?"
_PLACED = re.compile(rb"(?<![\w.+-])v?" + _VERSION, re.IGNORECASE)
_PARTS = re.compile(rb"v?(\d+(?:\.\d+)*)[-.+]?([a-z]*)[-.]?(\d*)", re.IGNORECASE)
_RANKS = {
    b"dev": 0,
    b"snapshot": 0,
    b"a": 1,
    b"alpha": 1,
    b"b": 2,
    b"beta": 2,
    b"c": 3,
    b"rc": 3,
    b"pre": 3,
    b"preview": 3,
    b"": 4,
    b"post": 5,
}

_QUOTED = rb"[\"']" + _RANGE + rb"v?" + _VERSION + rb"[\"']"
_PAIR = rb"\s*[\"']?[\w@./-]+[\"']?\s*[:=]\s*" + _QUOTED + rb",?"
_REQUIREMENT = rb"\s*[\"']?[\w.-]+(?:\[[\w,-]+\])?\s*" + _FROM + _VERSION + rb"[\"']?,?(?:\s*[;#].*)?"
_PLACES: tuple[tuple[tuple[str, ...], bytes], ...] = (
    (("package.json", "composer.json", "bower.json", "manifest.json", "deno.json", "mix.exs"), _PAIR),
    (
        ("pyproject.toml", "cargo.toml", "pipfile", "*.gradle.kts", "libs.versions.toml"),
        _PAIR + rb"|" + _REQUIREMENT + rb"|\s*[\w.-]+\s*=\s*\{[^{}]*\bversion\s*=\s*" + _QUOTED + rb"[^{}]*\}",
    ),
    (("requirements*.txt", "requirements*.in", "constraints*.txt", "setup.cfg"), _REQUIREMENT),
    (("setup.cfg", "*.gemspec", "gradle.properties"), rb"\s*[\w.]*version\s*=\s*[\"']?" + _VERSION + rb"[\"']?"),
    (("setup.py", "conf.py"), rb"\s*(?:version|release)\s*=\s*" + _QUOTED + rb",?|" + _REQUIREMENT),
    (("*.py",), rb"__version__(?:\s*:\s*str)?\s*=\s*" + _QUOTED),
    (("pom.xml", "*.csproj", "*.props", "*.nuspec"), rb"\s*<(?P<tag>[\w.-]*version)>" + _VERSION + rb"</(?P=tag)>"),
    (
        ("*.csproj", "*.props"),
        rb"\s*<Package(?:Reference|Version) Include=\"[\w.]+\" Version=\"" + _VERSION + rb"\" */>",
    ),
    (("gemfile",), rb"\s*gem\s+[\"'][\w-]+[\"'],\s*" + _QUOTED + rb"(?:,.*)?"),
    (("go.mod",), rb"\s*(?:require\s+)?[\w./-]+\s+v" + _VERSION + rb"(?:\s*//.*)?|go\s+" + _VERSION),
    (("*.gradle",), rb"\s*\w+\s*\(?[\"'][\w.-]+:[\w.-]+:" + _VERSION + rb"[\"']\)?"),
    ((".pre-commit-config.yaml",), rb"\s*rev:\s*[\"']?v?" + _VERSION + rb"[\"']?"),
    (("pubspec.yaml", "chart.yaml", "galaxy.yml"), rb"\s*[\w-]+:\s*[\"']?" + _RANGE + _VERSION + rb"[\"']?"),
)


def higher_versions(path: str, base: bytes, left: bytes, right: bytes) -> tuple[bytes, tuple[bytes, ...]] | None:
    """The text with the higher version where both sides raised one, and the words of the lower ones that are given up.

    None where anything else was changed by both, where a side lowered a version or named another one instead, or where
    a version is not what the lines of this file are for.
    """
    pattern = _pattern(path)
    lines = [text.split(b"\n") for text in (base, left, right)]
    if pattern is None or len({len(each) for each in lines}) > 1:
        return None
    out: list[bytes] = []
    given_up: list[bytes] = []
    for was, one, other in zip(*lines, strict=True):
        if other in (one, was) or one == was:
            out.append(other if one == was else one)
            continue
        found = _line(pattern, was, one, other)
        if found is None:
            return None
        out.append(found[0])
        given_up += WORDS.findall(found[1])
    return b"\n".join(out), tuple(given_up)


def _pattern(path: str) -> re.Pattern[bytes] | None:
    name = path.rpartition("/")[2].lower()
    found = [pattern for names, pattern in _PLACES if any(fnmatch.fnmatchcase(name, each) for each in names)]
    return re.compile(b"|".join(b"(?:" + each + b")" for each in found)) if found else None


def _line(pattern: re.Pattern[bytes], base: bytes, left: bytes, right: bytes) -> tuple[bytes, bytes] | None:
    """One line that both sides changed, with the version that lost."""
    lines = [line.rstrip(b"\r") for line in (base, left, right)]
    if not all(pattern.fullmatch(line) for line in lines):
        return None
    versions = [_PLACED.findall(line) for line in lines]
    rests = {_PLACED.sub(b"\0", line) for line in lines}
    if len(rests) > 1 or any(len(each) != 1 for each in versions):
        return None
    keys = [_key(each[0]) for each in versions]
    was, one, other = keys
    if was is None or one is None or other is None or not (was < one and was < other) or one == other:
        return None
    return (left, versions[2][0]) if one > other else (right, versions[1][0])


def _key(version: bytes) -> tuple[Sequence[int], int, int] | None:
    """By what versions are compared; None if it cannot be told."""
    match = _PARTS.fullmatch(version)
    rank = _RANKS.get(match[2].lower()) if match is not None else None
    if match is None or rank is None:
        return None
    numbers = [int(part) for part in match[1].split(b".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers, rank, int(match[3] or 0)
