"""The languages that are merged by syntax: ours, and those that other packages bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

from anvcs.merge.languages.c import C
from anvcs.merge.languages.cpp import CPP
from anvcs.merge.languages.csharp import CSHARP
from anvcs.merge.languages.css import CSS
from anvcs.merge.languages.data import JSON, TOML, YAML
from anvcs.merge.languages.go import GO
from anvcs.merge.languages.html import HTML
from anvcs.merge.languages.java import JAVA
from anvcs.merge.languages.javascript import JAVASCRIPT
from anvcs.merge.languages.markdown import MARKDOWN
from anvcs.merge.languages.php import PHP
from anvcs.merge.languages.profile import Listing, Profile
from anvcs.merge.languages.python import PYTHON
from anvcs.merge.languages.ruby import RUBY
from anvcs.merge.languages.rust import RUST
from anvcs.merge.languages.sql import SQL
from anvcs.merge.languages.typescript import TSX, TYPESCRIPT

__all__ = ["GROUP", "OURS", "Listing", "Offered", "Profile", "language_for", "offered", "only_ours", "suffix"]

GROUP = "anvcs.merge.languages"
"""The entry points under which other packages offer a ``Profile``."""

OURS: tuple[Profile, ...] = (
    PYTHON,
    JAVASCRIPT,
    TYPESCRIPT,
    TSX,
    JSON,
    YAML,
    TOML,
    HTML,
    CSS,
    MARKDOWN,
    SQL,
    JAVA,
    GO,
    RUST,
    C,
    CPP,
    CSHARP,
    RUBY,
    PHP,
)


class Offered(NamedTuple):
    """A language that another package brings."""

    name: str
    """What the package calls it."""
    profile: Profile | None
    problem: str = ""
    """Why it cannot be used; its files are merged by lines then."""


def offered() -> Iterator[Offered]:
    """What other packages bring, loaded with its grammar."""
    # It brings the email package.
    from importlib.metadata import entry_points

    return (_tried(entry.name, entry.load) for entry in entry_points(group=GROUP))


def _tried(name: str, load: Callable[[], object]) -> Offered:
    try:
        profile = load()
        if not isinstance(profile, Profile):
            return Offered(name, None, "It is no Profile.")
        _ = profile.language
    except Exception as error:  # noqa: BLE001 - what other packages run may raise anything, and no merge may end by it
        return Offered(name, None, f"{type(error).__name__}: {error}")
    return Offered(name, profile)


_SOURCES: list[Callable[[], Iterable[Profile]]] = [
    lambda: OURS,
    lambda: [each.profile for each in offered() if each.profile is not None],
]
"""A later one's languages take the place of an earlier one's."""


def only_ours() -> None:
    """Never look for what other packages bring, which takes longer than a merge; for who knows that none is needed."""
    del _SOURCES[1:]


@cache
def _known() -> tuple[dict[str, Profile], dict[str, Profile]]:
    """All languages, by suffixes and by whole names of files."""
    profiles = [profile for source in _SOURCES for profile in source()]
    return (
        {suffix: profile for profile in profiles for suffix in profile.suffixes},
        {name: profile for profile in profiles for name in profile.files},
    )


def suffix(path: str) -> str:
    """The last part of a path's name from its dot on, small; empty for hidden files. Trees ask for thousands."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


def language_for(path: str) -> Profile | None:
    """The language that a path's name tells; none if it is merged by lines."""
    by_suffix, by_name = _known()
    return by_suffix.get(suffix(path)) or by_name.get(path.rpartition("/")[2])
