"""What breaks between files in a merge: one side takes away a name that the other newly uses.

Found from syntax trees alone: a use counts if it leads to a definition in its own side's files and to none in the
result. A member of an object whose class nothing tells counts only if its name is defined nowhere any more.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import NamedTuple

from anvcs.merge.model import Finding, Severity, TreeFinding
from anvcs.merge.resources import sentences
from anvcs.merge.resources.languages import LANGUAGES
from anvcs.merge.resources.likeness import Likeness
from anvcs.merge.resources.matching import Followed, follow
from anvcs.merge.resources.model import Key, Outline, Reference, Resource
from anvcs.merge.resources.parsing import language_of
from anvcs.merge.resources.resolve import Resolver, Target
from anvcs.merge.resources.trees import Cache, Chosen, Outlines, Remembered, Side, Sources, Tree
from anvcs.merge.resources.uses import Use, definitions_of, given, module_name, placed_uses, references, uses

_WORDS = re.compile(rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff]*")
_IMPORTS = frozenset({b"import", b"require"})
_WHOLE = frozenset({b"default", b"exports"})
"""Words with which a file says what it is as a whole."""
_DISTINCT = re.compile(r"[a-z0-9][A-Z]|[A-Za-z]_[A-Za-z]|.{12}")
"""Names that hardly two things have by chance."""
_DECISION = "the decision"
"""What sentences call what neither side did."""
_MOST_SEARCHED = 200
"""Files in which a name's new place is looked for."""


def check(
    sources: Sources,
    *,
    left: str = "left",
    right: str = "right",
    cache: Cache | None = None,
    decided: Collection[str] = (),
) -> tuple[TreeFinding, ...]:
    """What each side newly uses that the other takes away; ``left`` and ``right`` are their names in sentences.

    ``decided`` are files of the result that somebody wrote or chose: of them nothing counts but the result.
    """
    known = Remembered() if cache is None else cache
    names: dict[Side, str] = {"left": left, "right": right}
    found = dict.fromkeys(_Direction(sources, "left", "right", names, known, decided).findings())
    found |= dict.fromkeys(_Direction(sources, "right", "left", names, known, decided).findings())
    return tuple(sorted(found, key=lambda each: (each.path, each.finding.line, each.finding.column)))


class _Used(NamedTuple):
    """A use of a name that may be gone."""

    outline: Outline
    resource: Resource
    reference: Reference


class _Gone(NamedTuple):
    """A definition that is gone, and how sure it is that it was meant."""

    at: Target
    severity: Severity


class _Direction:
    """What one side newly uses and the other takes away."""

    def __init__(
        self,
        sources: Sources,
        user: Side,
        changer: Side,
        names: dict[Side, str],
        cache: Cache,
        decided: Collection[str],
    ) -> None:
        self._user_name, self._changer_name = names[user], names[changer]
        trees = {"left": sources.left, "right": sources.right}
        self._base = Outlines(sources.base, cache)
        self._merged = None if sources.merged is None else Outlines(sources.merged, cache)
        self._decided = frozenset(path for path in decided if language_of(path) and self._is_whole(path))
        self._users = self._decided.union(path for path in sources.changed(user) if language_of(path))
        self._givers = self._decided.union(path for path in sources.changed(changer) if language_of(path))
        self._own, self._others = Outlines(trees[user], cache), Outlines(trees[changer], cache)
        self._user, self._changer = self._own, self._others
        if sources.merged is not None and self._decided:
            self._user = Outlines(_Decided(trees[user], sources.merged, self._decided), cache)
            self._changer = Outlines(_Decided(trees[changer], sources.merged, self._decided), cache)
        # What a side meant by a name its own files say, whatever somebody decided of them.
        self._here = Resolver(self._own)
        self._after = Resolver(Chosen(self._result))
        self._holding = sources.holding

    def _is_whole(self, path: str) -> bool:
        """The result has no conflict left in a file; else both sides are what there is to look at."""
        if self._merged is None:
            return False
        outline = self._merged.outline(path)
        return not self._merged.exists(path) or (outline is not None and not outline.broken)

    def findings(self) -> list[TreeFinding]:
        """One for each file that uses and each definition that is gone, at the first use."""
        found: dict[tuple[str, str, str], TreeFinding] = {}
        for used in self._candidates() if self._users and self._givers else ():
            gone = self._gone(used)
            if gone is not None:
                found.setdefault((used.outline.path, gone.at.path, gone.at.name), self._finding(used, gone))
        return list(found.values())

    def _candidates(self) -> Iterator[_Used]:
        """New uses of names that the other side took away somewhere; trees are asked only where the texts say so."""
        fresh = {path: self._fresh(path) for path in self._users}
        gone = frozenset[bytes]().union(*self._removed.values())
        if len(self._givers) < len(self._users):
            gone &= self._lost(frozenset[bytes]().union(*fresh.values()))
        for path in sorted(path for path, words in fresh.items() if not gone.isdisjoint(words)):
            yield from self._newly_used(path, fresh[path] & gone)

    def _fresh(self, path: str) -> frozenset[bytes]:
        if path in self._decided:
            # Somebody may have brought back what one side had replaced.
            return frozenset(_WORDS.findall(self._user.text(path) or b"")) | _WHOLE
        words = _words(path, self._base, self._user)
        # An import of all that a file is need not write a name that the file has.
        return words if words.isdisjoint(_IMPORTS) else words | _WHOLE

    @cached_property
    def _removed(self) -> dict[str, frozenset[bytes]]:
        return {path: _words(path, self._changer, self._base) for path in self._givers}

    def _lost(self, wanted: frozenset[bytes]) -> frozenset[bytes]:
        """What files gave to others and do not give any more, as far as it may be wanted."""
        found: set[bytes] = set()
        for path, words in self._removed.items():
            if words.isdisjoint(wanted) or (before := self._base.outline(path)) is None:
                continue
            after = self._changer.outline(path)
            if after is None:
                found.add(module_name(path).encode())
            found.update(name.encode() for _, name in given(before) - (given(after) if after else frozenset()))
        return frozenset(found)

    def _newly_used(self, path: str, words: frozenset[bytes]) -> Iterator[_Used]:
        outline = self._user.outline(path)
        if outline is None or outline.broken:
            return
        before = self._base.outline(path)
        other = self._others.outline(path) if path in self._givers else before
        # What the other side itself goes on using is not gone by its doing.
        kept = uses(other) if other else frozenset[Use]()
        old = placed_uses(before) if before else frozenset[tuple[str, Use]]()
        still = self._still(path)
        for resource, reference in references(outline):
            use = reference.name, reference.receiver
            written = reference.name.encode() in words
            whole = reference.imported == "default" and not words.isdisjoint(_WHOLE)
            is_old = path not in self._decided and (resource.qualified, use) in old
            if not (written or whole) or use in kept or is_old:
                continue
            if still is None or use in still:
                yield _Used(outline, resource, reference)

    def _still(self, path: str) -> frozenset[Use] | None:
        """What the result uses in a file that both changed; None where that cannot be told."""
        if path not in self._givers or self._merged is None:
            return None
        outline = self._merged.outline(path)
        return None if outline is None or outline.broken else uses(outline)

    def _gone(self, used: _Used) -> _Gone | None:
        """The definition that a use led to, if it leads nowhere in the result."""
        here = self._here.leads(*used)
        if here.verdict == "unknown":
            at = self._vanished(used)
            distinct = _DISTINCT.search(used.reference.name) is not None
            return None if at is None else _Gone(at, "hard" if distinct else "soft")
        if here.verdict == "missing" or self._added(here):
            return None
        after = self._after.leads(*used).verdict
        if after == "unknown" and here.path in self._givers and not self._result(here.path).exists(here.path):
            return _Gone(here, "hard")
        return _Gone(here, "hard") if after == "missing" else None

    def _added(self, at: Target) -> bool:
        """Whether this side itself made a definition in a file of which the result may be the other side's version."""
        if at.path not in self._users or at.path not in self._givers:
            return False
        before = self._base.outline(at.path)
        owner, _, name = at.name.rpartition(".")
        return before is None or (bool(name) and (owner, name) not in given(before))

    def _vanished(self, used: _Used) -> Target | None:
        """Where a member was defined whose name no file defines and the other side does not even write any more."""
        name, path = used.reference.name, used.outline.path
        language = LANGUAGES[used.outline.language]
        if name in language.common or used.reference.receiver in ({None, "self"} if language.resolves else {"self"}):
            return None
        known = (self._others,) if path in self._decided else (self._base, self._others)
        if any(name == use[0] for side in known for use in _uses(side, path)):
            return None
        word = name.encode()
        written = re.compile(rb"(?<![\w$])" + re.escape(word) + rb"(?![\w$])")
        if any(written.search(self._changer.text(path) or b"") for path in self._givers):
            return None
        givers = sorted(path for path in self._givers if word in self._removed[path])
        defined = [Target("found", path, each) for path in givers for each in _definitions(self._base, path, name)]
        others = {*self._users, *self._holding(name)} - self._givers if defined else set[str]()
        if any(_definitions(self._user if path in self._users else self._base, path, name) for path in others):
            return None
        return defined[0] if defined else None

    def _result(self, path: str) -> Outlines:
        """The version that the result has of a path, or the nearest to it."""
        if path not in self._givers:
            return self._user if path in self._users else self._base
        if path in self._users:
            outline = None if self._merged is None else self._merged.outline(path)
            if self._merged is not None and outline is not None and not outline.broken:
                return self._merged
            if not self._changer.exists(path):
                return self._user
        return self._changer

    def _finding(self, used: _Used, gone: _Gone) -> TreeFinding:
        followed, place = self._now(gone.at), used.reference
        kind = "removed" if followed is None else followed.step
        now = None if followed is None else followed.after
        done = sentences.gone(self._remover(gone.at), gone.at.name, gone.at.path, now)
        use = sentences.uses(self._maker(used), place.how, newly=True)
        message = f"{done}, which {use} in {used.outline.path}:{place.line}."
        finding = Finding(kind, message, gone.severity, place.line, place.column)
        return TreeFinding(os.fsencode(used.outline.path), finding, os.fsencode(gone.at.path))

    def _maker(self, used: _Used) -> str:
        """Who made a use, as sentences call them."""
        path, name = used.outline.path, used.reference.name
        its_own = path not in self._decided or any(name == use[0] for use in _uses(self._own, path))
        return self._user_name if its_own else _DECISION

    def _remover(self, gone: Target) -> str:
        """Who took a definition away."""
        name = gone.name.rpartition(".")[2]
        kept = gone.path in self._decided and (
            bool(_definitions(self._others, gone.path, name)) if name else self._others.exists(gone.path)
        )
        return _DECISION if kept else self._changer_name

    def _now(self, gone: Target) -> Followed | None:
        """What became of a definition on the side that took it away."""
        before = self._base.outline(gone.path)
        keys = [each.key for each in before.by_name.get(gone.name, ())] if before else []
        found = next((self._followed[key] for key in keys if key in self._followed), None)
        return None if found is None or found.step == "same" else found

    @cached_property
    def _followed(self) -> dict[Key, Followed]:
        paths = sorted(self._givers)[:_MOST_SEARCHED]
        before, after = (
            [each for path in paths if (each := side.outline(path))] for side in (self._base, self._others)
        )
        return follow(before, after, Likeness(self._base.text, self._others.text))


class _Decided:
    """A side with the files that somebody decided as the result has them."""

    def __init__(self, side: Tree, result: Tree, decided: Collection[str]) -> None:
        self._side, self._result, self._paths = side, result, decided

    def oid(self, path: str) -> str | None:
        """As the protocol says."""
        return self._of(path).oid(path)

    def text(self, path: str) -> bytes | None:
        """As the protocol says."""
        return self._of(path).text(path)

    def _of(self, path: str) -> Tree:
        return self._result if path in self._paths else self._side


def _words(path: str, before: Outlines, after: Outlines) -> frozenset[bytes]:
    """The words of lines that only the later text has, or has more often; the file's own name, if it came or went."""
    old, new = before.text(path), after.text(path)
    lines = Counter((new or b"").splitlines())
    lines.subtract((old or b"").splitlines())
    words = frozenset(_WORDS.findall(b"\n".join(line for line, more in lines.items() if more > 0)))
    return words if old is not None and new is not None else words | {module_name(path).encode()}


def _uses(side: Outlines, path: str) -> frozenset[Use]:
    outline = side.outline(path)
    return frozenset() if outline is None else uses(outline)


def _definitions(side: Outlines, path: str, name: str) -> tuple[str, ...]:
    outline = side.outline(path)
    return () if outline is None else definitions_of(outline, name)
