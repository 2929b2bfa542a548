"""Two sides that change different things of one program: a clean result has both changes, each where it belongs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from anvcs.merge import merge


@dataclass(frozen=True)
class Statement:
    """``name(arguments)``; ``tag`` makes it the only one of its text."""

    tag: int
    arguments: tuple[str, ...] = ("x",)

    def text(self) -> str:
        """As it is written."""
        return f"call_{self.tag}({', '.join(self.arguments)})"


@dataclass(frozen=True)
class Function:
    """A function of statements."""

    name: str
    body: tuple[Statement, ...] = field(default=())


Program = tuple[Function, ...]
Edit = tuple[str, int, int, int]
"""What, in which function, at which statement, and a number for what is new."""


def python(program: Program) -> bytes:
    bodies = (f"def {f.name}(x):\n" + "".join(f"    {s.text()}\n" for s in f.body) + "    return x\n" for f in program)
    return "\n\n".join(bodies).encode()


def javascript(program: Program) -> bytes:
    bodies = (
        f"function {f.name}(x) {{\n" + "".join(f"  {s.text()};\n" for s in f.body) + "  return x;\n}\n" for f in program
    )
    return "\n".join(bodies).encode()


def applied(program: Program, edits: list[Edit]) -> Program:
    """The program with edits made; each names its statement by tag, so that none moves another's."""
    for what, function, tag, new in edits:
        here = program[function]
        body = list(here.body)
        at = next(i for i, s in enumerate(body) if s.tag == tag)
        if what == "delete":
            del body[at]
        elif what == "argument":
            body[at] = replace(body[at], arguments=(*body[at].arguments, f"n{new}"))
        elif what == "value":
            body[at] = replace(body[at], arguments=(f"v{new}", *body[at].arguments[1:]))
        else:
            body.insert(at + 1, Statement(1000 + new))
        program = (*program[:function], replace(here, body=tuple(body)), *program[function + 1 :])
    return program


@st.composite
def stories(draw: st.DrawFn) -> tuple[Program, list[Edit], list[Edit]]:
    """A program and edits of both sides, no two at one statement."""
    sizes = draw(st.lists(st.integers(2, 5), min_size=1, max_size=3))
    program: Program = tuple(
        Function(f"f{i}", tuple(Statement(10 * i + k, ("x", "y")) for k in range(size))) for i, size in enumerate(sizes)
    )
    places = [(i, s.tag) for i, f in enumerate(program) for s in f.body]
    chosen = draw(st.lists(st.sampled_from(places), unique=True, min_size=2, max_size=5))
    edits: tuple[list[Edit], list[Edit]] = ([], [])
    for number, (function, tag) in enumerate(chosen):
        what = draw(st.sampled_from(["delete", "argument", "value", "insert"]))
        edits[draw(st.integers(0, 1))].append((what, function, tag, number))
    return program, *edits


@given(stories())
def test_a_clean_merge_of_python_has_both_sides_edits_where_they_belong(
    story: tuple[Program, list[Edit], list[Edit]],
) -> None:
    program, left, right = story
    base, one, other = (python(applied(program, edits)) for edits in ([], left, right))
    result = merge(base, one, other, path="a.py")
    if result.clean:
        assert result.text in {python(applied(program, left + right)), python(applied(program, right + left))}


@given(stories())
def test_a_clean_merge_of_javascript_has_both_sides_edits_where_they_belong(
    story: tuple[Program, list[Edit], list[Edit]],
) -> None:
    program, left, right = story
    base, one, other = (javascript(applied(program, edits)) for edits in ([], left, right))
    result = merge(base, one, other, path="a.js")
    if result.clean:
        assert result.text in {javascript(applied(program, left + right)), javascript(applied(program, right + left))}


@given(stories())
def test_edits_of_different_functions_never_conflict(story: tuple[Program, list[Edit], list[Edit]]) -> None:
    program, left, right = story
    mine = {function for _, function, _, _ in left}
    theirs = [edit for edit in right if edit[1] not in mine]
    base, one, other = (python(applied(program, edits)) for edits in ([], left, theirs))
    assert merge(base, one, other, path="a.py").text == python(applied(program, left + theirs))
