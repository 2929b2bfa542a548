"""The merge of three notebooks."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Any, cast

from anvcs.merge.model import Conflict, Finding, MergeResult, Options, Step
from anvcs.merge.notebooks.cells import Cell, Place, align
from anvcs.merge.notebooks.style import Json, Style, load, style_of, write
from anvcs.merge.notebooks.validity import INSTALL, installed, problem
from anvcs.merge.notebooks.values import merge_mapping, merge_run
from anvcs.merge.sequence import RefusedError

_ENDS = {
    "bash": ".sh",
    "c++": ".cpp",
    "csharp": ".cs",
    "html": ".html",
    "java": ".java",
    "javascript": ".js",
    "js": ".js",
    "markdown": ".md",
    "python": ".py",
    "ruby": ".rb",
    "rust": ".rs",
    "sh": ".sh",
    "sql": ".sql",
    "typescript": ".ts",
}
"""The ends of files in a language, by what notebooks and the magics of cells call it."""
_MAGIC = re.compile(r"%%(\w+)")
_TEXT = ".txt"
_FORMAT = 4
_WITH_IDS = (4, 5)
"""The version from which on cells have ids."""


def merge_notebook(base: bytes, left: bytes, right: bytes, options: Options) -> MergeResult:
    """The merge; where none can be made, the left version as a whole, and a conflict that says why."""
    texts = base, left, right
    try:
        return _Notebook(options).merge(*texts)
    except RefusedError as refused:
        reason = f"{refused.reason}; the {options.left} version stands there as a whole"
        conflict = Conflict(refused.rule, reason, base, left, right, refused.entity, 1)
        step = Step("notebook", "whole", 1)
        return MergeResult(left, clean=False, conflicts=(conflict,), trace=(step,))


@dataclass(slots=True)
class _Notebook:
    """One merge of notebooks."""

    options: Options
    conflicts: list[Conflict] = field(default_factory=list[Conflict])
    """Their lines are put right at the end: each counts the markers before its own."""
    findings: list[Finding] = field(default_factory=list[Finding])
    steps: list[Step] = field(default_factory=list[Step])
    end: str = _TEXT
    """How files in the language of the code cells end."""

    def merge(self, base: bytes, left: bytes, right: bytes) -> MergeResult:
        """The merge. Raises RefusedError."""
        books, style = _read(base, left, right)
        self.end = _language(books[1])
        _, one, other = books
        cells = [[Cell(cell) for cell in book.get("cells", ())] for book in books]
        rests = [{key: value for key, value in book.items() if key != "cells"} for book in books]
        clashes: list[str] = []
        merged: Json = merge_mapping(rests[0], rests[1], rests[2], clashes)
        for key in ("nbformat", "nbformat_minor"):
            merged[key] = max(one.get(key, 0), other.get(key, 0))
        merged_cells = [
            cell for number, place in enumerate(align(*cells), 1) if (cell := self._cell(place, number)) is not None
        ]
        with_ids = (merged["nbformat"], merged["nbformat_minor"]) >= _WITH_IDS
        merged["cells"] = _identified(merged_cells) if with_ids else merged_cells
        text = write({key: merged[key] for key in [*one, *(key for key in merged if key not in one)]}, style)
        self.conflicts = _placed(self.conflicts, text, self.options)
        self.conflicts += [self._clash(path, books) for path in clashes]
        why = problem(text)
        if why is not None:
            raise RefusedError("notebook", f"the merge would be no valid notebook, since {why}")
        found = sorted(self.conflicts, key=lambda conflict: conflict.line)
        return MergeResult(text, not found, tuple(found), tuple(self.findings), tuple(self.steps))

    def _cell(self, place: Place, number: int) -> Json | None:
        base, left, right = place.base, place.left, place.right
        kept = left or right
        if kept is None:
            return None
        if left is None or right is None:
            if base is None:
                return kept.raw
            if kept.source == base.source and kept.kind == base.kind:
                # That it was run again is no reason to keep it.
                return None
            return self._deleted(base, left, right, number)
        self.steps.append(Step("notebook", "cells", 1, _name(number, left)))
        return self._both(base or Cell({}), left, right, number)

    def _both(self, base: Cell, left: Cell, right: Cell, number: int) -> Json:
        if right.raw in (left.raw, base.raw):
            return left.raw
        if left.raw == base.raw:
            return right.raw
        name = _name(number, left)
        if left.kind != right.kind and base.kind not in (left.kind, right.kind):
            raise RefusedError("notebook", "both sides made another kind of cell of one", name)
        clashes: list[str] = []
        shared = [
            {key: value for key, value in cell.raw.items() if key not in ("source", "outputs", "execution_count")}
            for cell in (base, left, right)
        ]
        # A cell that got another id is still the same cell.
        ids = [cell.pop("id", None) for cell in shared]
        out = merge_mapping(shared[0], shared[1], shared[2], clashes)
        if clashes:
            raise RefusedError("notebook", f"both sides changed {clashes[0]} of one cell", name)
        kept_id = ids[1] if ids[2] in (ids[0], None) else ids[2] if ids[1] in (ids[0], None) else min(ids[1], ids[2])
        source = self._source((base, left, right), str(out.get("cell_type")), name)
        fields: Json = {**out, "source": _like(left.raw.get("source"), source, (base, left, right))}
        if kept_id is not None:
            fields["id"] = kept_id
        if out.get("cell_type") == "code":
            fields |= merge_run(base.raw, left.raw, right.raw, source, (base.source, left.source, right.source))
        order = [*left.raw, *(key for key in right.raw if key not in left.raw), *fields]
        return {key: fields[key] for key in dict.fromkeys(order) if key in fields}

    def _source(self, versions: tuple[Cell, Cell, Cell], kind: str, name: str) -> str:
        from anvcs.merge.engine import merge

        texts = [cell.source.encode("utf-8", "surrogatepass") for cell in versions]
        # A text that ends without a line end would be another line than the same one with one.
        ended = [text if not text or text.endswith(b"\n") else text + b"\n" for text in texts]
        result = merge(*ended, path="cell" + self._end_of(kind, versions), options=self.options)
        for conflict in result.conflicts:
            entity = name if conflict.entity is None else f"{name} > {conflict.entity}"
            self.conflicts.append(replace(conflict, entity=entity, line=0))
        self.findings += [replace(each, message=f"In {name}: {each.message}", line=0) for each in result.findings]
        merged = result.text.decode("utf-8", "surrogatepass")
        without = [not text.endswith(b"\n") for text in texts]
        drop = without[1] if without[1] == without[2] or without[2] == without[0] else without[2]
        return merged.removesuffix("\n") if drop and result.clean else merged

    def _deleted(self, base: Cell, left: Cell | None, right: Cell | None, number: int) -> Json:
        """A cell that one side deleted and the other changed: there it is, with markers around its text."""
        kept = left or right
        assert kept is not None  # noqa: S101 - one side has it
        name = _name(number, kept)
        one, other = (cell.source if cell is not None else "" for cell in (left, right))
        reason = "one side deleted the cell, the other changed it"
        was_text, one_text, other_text = (t.encode("utf-8", "surrogatepass") for t in (base.source, one, other))
        self.conflicts.append(Conflict("delete-modify", reason, was_text, one_text, other_text, name))
        size, (one, other) = (
            self.options.marker_size,
            ((t if not t or t.endswith("\n") else t + "\n") for t in (one, other)),
        )
        marked = (
            f"{'<' * size} {self.options.left} (delete-modify)\n{one}{'=' * size}\n{other}"
            f"{'>' * size} {self.options.right}\n"
        )
        return {**kept.raw, "source": _like(kept.raw.get("source"), marked, ())}

    def _end_of(self, kind: str, versions: tuple[Cell, Cell, Cell]) -> str:
        """How a file in the language of a cell would end."""
        if kind != "code":
            return ".md" if kind == "markdown" else _TEXT
        magics = {magic[1].lower() if (magic := _MAGIC.match(cell.source)) else "" for cell in versions[1:]}
        magic = magics.pop()
        return _TEXT if magics else self.end if not magic else _ENDS.get(magic, _TEXT)

    def _clash(self, path: str, books: tuple[Json, Json, Json]) -> Conflict:
        reason = f"both sides changed it; what the {self.options.left} version has stands there"
        base, left, right = (repr(_at(book, path)).encode("utf-8", "replace") for book in books)
        return Conflict("metadata", reason, base, left, right, path, 1)


def _read(base: bytes, left: bytes, right: bytes) -> tuple[tuple[Json, Json, Json], Style]:
    """The notebooks and how the merge is to be written. Raises RefusedError."""
    if not installed():
        raise RefusedError("notebook", f"notebooks are merged cell by cell with the extra: {INSTALL}")
    for text in (left, right):
        why = problem(text)
        if why is not None:
            raise RefusedError("notebook", f"one of its versions is no valid notebook: {why}")
    # Both sides may have added it.
    was, one, other = load(base) if base.strip() else {}, load(left), load(right)
    styles = [style_of(text, book) if book else None for text, book in ((base, was), (left, one), (right, other))]
    if was is None or one is None or other is None or styles[1] is None or styles[2] is None:
        raise RefusedError("notebook", "one of its versions is not written as programs write it; save it in Jupyter")
    if any(book.get("nbformat", 4) != _FORMAT for book in (was, one, other)):
        raise RefusedError("notebook", "one of its versions has another format than 4; save it in Jupyter")
    return (was, one, other), styles[2] if styles[1] == styles[0] else styles[1]


def _language(book: Json) -> str:
    metadata: Json = book.get("metadata", {})
    end = metadata.get("language_info", {}).get("file_extension")
    name = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name") or "python"
    return end if isinstance(end, str) and end.startswith(".") else _ENDS.get(str(name).lower(), _TEXT)


def _like(model: Any, source: str, cells: tuple[Cell, ...]) -> Any:
    """A text in the form that the cell has it in, and as a version that has just it."""
    for cell in cells:
        if cell.raw and cell.source == source:
            return cell.raw.get("source")
    return re.findall(r"[^\n]*\n|[^\n]+", source) if isinstance(model, list) else source


def _identified(cells: list[Json]) -> list[Json]:
    """Cells with ids that differ; one that is made up is the same whichever side is left."""
    out: list[Json] = []
    known = {cell["id"] for cell in cells if isinstance(cell.get("id"), str)}
    seen: set[str] = set()
    for cell in cells:
        found, content = cell.get("id"), Cell(cell).source.encode("utf-8", "surrogatepass")
        while not isinstance(found, str) or found in seen:
            content = hashlib.sha256(content).hexdigest().encode()
            found = content[:8].decode() if content[:8].decode() not in known else None
        seen.add(found)
        known.add(found)
        out.append(cell if cell.get("id") == found else {**cell, "id": found})
    return out


def _name(number: int, cell: Cell) -> str:
    return f"cell {number}" if cell.id is None else f"cell {number} ({cell.id})"


def _placed(conflicts: list[Conflict], text: bytes, options: Options) -> list[Conflict]:
    """The conflicts with the lines of the result in which their markers begin."""
    sign = f'"{"<" * options.marker_size} '.encode()
    lines = [number for number, line in enumerate(text.split(b"\n"), 1) if line.lstrip().startswith(sign)]
    lines += [1] * (len(conflicts) - len(lines))
    return [replace(each, line=line) for each, line in zip(conflicts, lines, strict=False)]


def _at(book: Json, path: str) -> Any:
    value: Any = book
    for key in path.split(" > "):
        value = cast("Json", value).get(key) if isinstance(value, dict) else None
    return value
