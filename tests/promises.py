"""The manifest of promised behaviours: stable id, one sentence, where it is promised.

Each area keeps its own in ``tests/promises.d/<area>.py`` as ``PROMISES: dict[id, (sentence, source)]``; a test that
shows one carries ``@pytest.mark.promise("area.stable-id")``. ``tests/unit/test_promises.py`` checks both directions.
"""

from __future__ import annotations

import ast
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

TESTS = Path(__file__).parent


class Promise(NamedTuple):
    """One behaviour that users may rely on."""

    sentence: str
    source: str
    """Where it is promised, e.g. ``issue 2.7`` or ``README``."""


class Mark(NamedTuple):
    """One use of ``pytest.mark.promise`` in a file."""

    id: str
    file: str
    line: int
    on_test: bool
    """False where pytest would never attach it to a test."""


def load(folder: Path = TESTS / "promises.d") -> dict[str, Promise]:
    """Every promise by its id. Raises ValueError for a duplicate or a malformed entry, naming the file."""
    promises: dict[str, Promise] = {}
    for file in sorted(folder.glob("*.py")):
        for id_, entry in cast("dict[str, tuple[str, str]]", runpy.run_path(str(file))["PROMISES"]).items():
            if id_ in promises:
                raise ValueError(f"{file.name}: {id_} is promised twice")
            promise = Promise(*entry)
            if "." not in id_ or not promise.sentence.endswith(".") or not promise.source:
                raise ValueError(f"{file.name}: {id_} needs an id 'area.stable-id', a sentence and a source")
            promises[id_] = promise
    return promises


def marks(source: str, name: str) -> Iterator[Mark]:
    """Every promise mark in a test file's source. Raises ValueError for an id that is not a plain string."""
    tree = ast.parse(source, name)
    attached = {id(node) for root in _attaching(tree) for node in ast.walk(root)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.promise":
            for argument in node.args:
                match argument:
                    case ast.Constant(value=str(id_)):
                        yield Mark(id_, name, node.lineno, id(node) in attached)
                    case _:
                        raise ValueError(f"{name}:{node.lineno}: a promise is named by a plain string")


def _attaching(tree: ast.Module) -> Iterator[ast.AST]:
    """The places from which pytest attaches marks to tests: their decorators and ``pytestmark``."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name.startswith("test_"):
                yield from node.decorator_list
            case ast.ClassDef(name=name) if name.startswith("Test"):
                yield from node.decorator_list
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                yield value
            case _:
                pass


def all_marks() -> list[Mark]:
    """Every promise mark under ``tests/``."""
    return [
        mark
        for file in sorted(TESTS.rglob("*.py"))
        for mark in marks(file.read_text(encoding="utf-8"), file.relative_to(TESTS).as_posix())
    ]
