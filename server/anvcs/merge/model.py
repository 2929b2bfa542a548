"""What a merge takes and gives: options, conflicts as data, findings of the guards, and who decided each region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Style = Literal["merge", "diff3", "zdiff3"]
"""How markers show a conflict, as ``merge.conflictStyle`` names them."""

Versions = Literal["ask", "higher"]
"""What becomes of a version number that both sides raised: a person is asked, or the higher one stands."""

Severity = Literal["hard", "soft"]
"""A hard finding makes a result unsafe: it is never taken without a person. A soft one is worth reading."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to merge one file."""

    left: str = "left"
    """What the markers call each side."""
    base: str = "base"
    right: str = "right"
    style: Style = "diff3"
    marker_size: int = 7
    versions: Versions = "ask"
    """``higher`` gives up words of a side, which no other rule does: for callers that show the trace to a person."""
    structured: bool = True
    """Try more than lines."""
    seconds: float = 10.0
    """After so long the line merge stands."""
    largest: int = 2_000_000
    """Bytes of a side up to which more than lines is tried."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A region that needs a person: what each side has there, and why no rule was sure."""

    rule: str
    """Stable name of the rule that refused, e.g. ``delete-modify``."""
    reason: str
    """The same as a sentence."""
    base: bytes
    left: bytes
    right: bytes
    entity: str | None = None
    """The function, class, member or key it is in, e.g. ``class Basket > total``."""
    line: int = 0
    """The line of the result in which its markers begin, from 1."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a guard saw in a result."""

    kind: str
    """Stable name: ``syntax``, ``duplicate``, ``lost``, ``doubled``, ``revived``, ``dangling``, ``vanished`` ..."""
    message: str
    severity: Severity = "hard"
    line: int = 0
    """Where in the result, from 1; 0 for the file as a whole."""
    column: int = 0
    """Bytes from the beginning of the line."""


@dataclass(frozen=True, slots=True)
class Step:
    """One region that some stage decided."""

    stage: str
    """``lines``, ``indented``, ``entity``, ``hunk``, ``moved``, ``notebook`` or ``markers``."""
    rule: str
    """What in that stage, e.g. ``imports``."""
    line: int
    """The first line of the base that it is about, from 1."""
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class MergeResult:
    """A merged file: its text, whether it needs a person, and why it is as it is."""

    text: bytes
    clean: bool
    """It has no markers."""
    conflicts: tuple[Conflict, ...] = ()
    findings: tuple[Finding, ...] = ()
    trace: tuple[Step, ...] = ()

    @property
    def safe(self) -> bool:
        """It may be taken without a person's look: clean, and no guard has a hard finding."""
        return self.clean and not any(finding.severity == "hard" for finding in self.findings)


How = Literal["same", "left", "right", "git", "engine", "driver", "conflict"]
"""Who decided a path: both sides agree, one side alone changed it, git's merge, our engine, a driver, or nobody yet."""


@dataclass(frozen=True, slots=True)
class Version:
    """A file as one side has it."""

    mode: str
    """As git writes it: 100644, 100755, 120000 (symlink), 160000 (submodule)."""
    oid: str


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one path of a tree merge; paths that only one side changed need not be listed."""

    path: bytes
    how: How
    kind: str = "content"
    """``content``, ``add/add``, ``modify/delete``, ``rename/rename``, ``binary``, ``submodule``, ``mode`` ..."""
    reason: str = ""
    """A sentence: why it is so, and for a conflict what a person must decide."""
    base: Version | None = None
    left: Version | None = None
    right: Version | None = None
    conflicts: tuple[Conflict, ...] = ()
    findings: tuple[Finding, ...] = ()
    trace: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class TreeFinding:
    """A finding that needs more than one file, or names the file that it is in."""

    path: bytes
    finding: Finding
    other: bytes | None = None
    """The file on the other side of it, e.g. where the symbol was removed."""


@dataclass(frozen=True, slots=True)
class TreeMerge:
    """The merge of whole trees."""

    tree: str
    """The result; conflicted files stand in it with markers."""
    bases: tuple[str, ...]
    """The merge bases it stands on."""
    files: tuple[FileOutcome, ...] = ()
    findings: tuple[TreeFinding, ...] = field(default=())

    @property
    def clean(self) -> bool:
        """No path needs a person."""
        return all(outcome.how != "conflict" for outcome in self.files)

    @property
    def safe(self) -> bool:
        """Clean, and no guard has a hard finding."""
        found = [
            *(finding for outcome in self.files for finding in outcome.findings),
            *(f.finding for f in self.findings),
        ]
        return self.clean and not any(finding.severity == "hard" for finding in found)
