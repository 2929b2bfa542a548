"""Small programs in many languages, edits of them, and what they look like with the edits of two sides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import TypeVar

T = TypeVar("T")

NEW = 1000
"""Tags of what a side adds begin here."""
STATEMENT, METHOD, CONSTANT = "statement", "method", "constant"


@dataclass(frozen=True)
class Statement:
    """``call_TAG(ARGUMENTS)``."""

    tag: int
    arguments: tuple[str, ...] = ("x", "y")

    @property
    def call(self) -> str:
        """As it is written, but for what ends it."""
        return f"call_{self.tag}({', '.join(self.arguments)})"


@dataclass(frozen=True)
class Method:
    """A method of statements; ``overloads`` is the tag whose name it shares, with parameters of another type."""

    tag: int
    body: tuple[Statement, ...]
    parameters: int = 1
    overloads: int | None = None

    @property
    def name(self) -> str:
        """Its name, which an overload shares."""
        return f"m{self.tag if self.overloads is None else self.overloads}"

    @property
    def types(self) -> list[str]:
        """One letter a parameter: ``i`` for numbers, ``s`` for the texts of overloads."""
        return ["i" if self.overloads is None else "s"] * self.parameters


@dataclass(frozen=True)
class Program:
    """Imports, the constants of an enumeration, and the methods of a class."""

    imports: tuple[int, ...]
    constants: tuple[int, ...]
    methods: tuple[Method, ...]


@dataclass(frozen=True)
class Edit:
    """What is done to the statement, method or constant with a tag; ``new`` is a number of its own."""

    what: str
    tag: int
    new: int


WHAT = (
    "delete statement",
    "insert statement",
    "add argument",
    "change argument",
    "add method",
    "overload method",
    "delete method",
    "move method",
    "add parameter",
    "add constant",
    "add import",
)
OF_STATEMENTS = frozenset(WHAT[:4])


def applied(program: Program, edits: Iterable[Edit]) -> Program:
    """The program with edits made, each where its tag is."""
    for edit in edits:
        if edit.what == "add import":
            program = replace(program, imports=tuple(sorted({*program.imports, edit.new})))
        elif edit.what == "add constant":
            program = replace(
                program, constants=_after(program.constants, _index(program.constants, edit.tag), edit.new)
            )
        elif edit.what in OF_STATEMENTS:
            at = next((i for i, m in enumerate(program.methods) if any(s.tag == edit.tag for s in m.body)), None)
            if at is None:
                continue
            body = _body(program.methods[at].body, edit)
            program = _with(program, at, replace(program.methods[at], body=body))
        else:
            program = _methods(program, edit)
    return program


def _index(tags: Sequence[int], tag: int) -> int:
    return tags.index(tag)


def _after(items: tuple[T, ...], at: int, new: T) -> tuple[T, ...]:
    return (*items[: at + 1], new, *items[at + 1 :])


def _with(program: Program, at: int, method: Method) -> Program:
    return replace(program, methods=(*program.methods[:at], method, *program.methods[at + 1 :]))


def _body(body: tuple[Statement, ...], edit: Edit) -> tuple[Statement, ...]:
    at = next(i for i, s in enumerate(body) if s.tag == edit.tag)
    here = body[at]
    if edit.what == "delete statement":
        return body[:at] + body[at + 1 :]
    if edit.what == "insert statement":
        return _after(body, at, Statement(edit.new))
    arguments = (
        (*here.arguments, f"n{edit.new}") if edit.what == "add argument" else (f"v{edit.new}", *here.arguments[1:])
    )
    return (*body[:at], replace(here, arguments=arguments), *body[at + 1 :])


def _methods(program: Program, edit: Edit) -> Program:
    at = next((i for i, m in enumerate(program.methods) if m.tag == edit.tag), None)
    if at is None:
        return program
    here = program.methods[at]
    without = program.methods[:at] + program.methods[at + 1 :]
    if edit.what == "delete method":
        return replace(program, methods=without)
    if edit.what == "move method":
        return replace(program, methods=(*without, here) if at == 0 else (here, *without))
    if edit.what == "add parameter":
        return _with(program, at, replace(here, parameters=here.parameters + 1))
    body = (Statement(edit.new), Statement(edit.new + 500))
    new = Method(edit.new, body, overloads=here.tag if edit.what == "overload method" else None)
    return replace(program, methods=_after(program.methods, at, new))


def placed(program: Program, text: str) -> Program:
    """The program with its methods in the order of a text, as whoever moves one may be said to have moved others."""
    return replace(program, methods=tuple(sorted(program.methods, key=lambda m: text.find(f"Of {m.tag}."))))


def orders(program: Program) -> Iterator[Program]:
    """The program with what was added at one place in any order."""
    bodies = (
        [replace(method, body=tuple(body)) for body in _orders(method.body, lambda s: s.tag)]
        for method in program.methods
    )
    imports, constants = (list(_orders(tags, lambda tag: tag)) for tags in (program.imports, program.constants))
    for methods in product(*bodies):
        for names in product(imports, constants):
            for ordered in _orders(methods, lambda m: m.tag):
                yield Program(tuple(names[0]), tuple(names[1]), tuple(ordered))


def _orders(items: Sequence[T], tag: Callable[[T], int]) -> list[list[T]]:
    runs: list[list[T]] = []
    for item in items:
        if runs and tag(item) >= NEW and tag(runs[-1][-1]) >= NEW:
            runs[-1].append(item)
        else:
            runs.append([item])
    return [[x for run in chosen for x in run] for chosen in product(*(list(permutations(run)) for run in runs))]


def _typed(method: Method, form: str, types: Mapping[str, str]) -> str:
    return ", ".join(form.format(name=f"p{i}", type=types[kind]) for i, kind in enumerate(method.types))


def java(program: Program) -> str:
    """In Java."""
    types = {"i": "int", "s": "String"}
    methods = "".join(
        f"\n    /** Of {m.tag}. */\n    @Audited\n    void {m.name}({_typed(m, '{type} {name}', types)}) {{\n"
        + "".join(f"        {s.call};\n" for s in m.body)
        + "    }\n"
        for m in program.methods
    )
    imports = "".join(f"import a.b.C{i};\n" for i in program.imports)
    constants = ",\n".join(f"        C{c}" for c in program.constants)
    return f"package a;\n\n{imports}\nclass A {{\n    enum E {{\n{constants}\n    }}\n{methods}}}\n"


def go(program: Program) -> str:
    """In Go."""
    methods = "".join(
        f"\n// Of {m.tag}.\nfunc (a *{'B' if m.overloads else 'A'}) {m.name}"
        f"({_typed(m, '{name} {type}', {'i': 'int', 's': 'string'})}) {{\n"
        + "".join(f"\t{s.call}\n" for s in m.body)
        + "}\n"
        for m in program.methods
    )
    imports = "".join(f'\t"a/c{i}"\n' for i in program.imports)
    constants = "".join(f"\tC{c} = {c}\n" for c in program.constants)
    return f"package a\n\nimport (\n{imports})\n\nconst (\n{constants})\n\ntype A struct{{}}\n{methods}"


def rust(program: Program) -> str:
    """In Rust, where a method that would be an overload stands only on one system."""
    methods = "\n".join(
        f"    /// Of {m.tag}.\n"
        + ("    #[cfg(windows)]\n" if m.overloads else "")
        + f"    #[inline]\n    fn {m.name}({_typed(m, '{name}: {type}', {'i': 'i32', 's': 'i32'})}) {{\n"
        + "".join(f"        {s.call};\n" for s in m.body)
        + "    }\n"
        for m in program.methods
    )
    imports = "".join(f"use a::c{i};\n" for i in program.imports)
    constants = "".join(f"    #[serde]\n    C{c},\n" for c in program.constants)
    return f"{imports}\nenum E {{\n{constants}}}\n\nimpl A {{\n{methods}}}\n"


def c(program: Program) -> str:
    """In C, where a function that would be an overload has another name."""
    functions = "".join(
        f"\n/* Of {m.tag}. */\nstatic void {m.name}{'x' * (m.overloads is not None)}{m.tag}"
        f"({_typed(m, '{type} {name}', {'i': 'int', 's': 'char'})})\n{{\n"
        + "".join(f"\t{s.call};\n" for s in m.body)
        + "}\n"
        for m in program.methods
    )
    imports = "".join(f"#include <c{i}.h>\n" for i in program.imports)
    constants = ",\n".join(f"\tC{x}" for x in program.constants)
    return f"{imports}\nenum e {{\n{constants}\n}};\n{functions}"


def cpp(program: Program) -> str:
    """In C++."""
    types = {"i": "int", "s": "const std::string &"}
    methods = "".join(
        f"\n// Of {m.tag}.\nvoid A::{m.name}({_typed(m, '{type} {name}', types)}) {{\n"
        + "".join(f"  {s.call};\n" for s in m.body)
        + "}\n"
        for m in program.methods
    )
    imports = "".join(f'#include "c{i}.h"\n' for i in program.imports)
    constants = ", ".join(f"C{x}" for x in program.constants)
    return f"{imports}\nnamespace n {{\n\nenum class E {{ {constants} }};\n{methods}\n}}  // namespace n\n"


def csharp(program: Program) -> str:
    """In C#."""
    types = {"i": "int", "s": "string"}
    methods = "".join(
        f"\n        /// Of {m.tag}.\n        [Audited]\n"
        f"        public void {m.name}({_typed(m, '{type} {name}', types)})\n        {{\n"
        + "".join(f"            {s.call};\n" for s in m.body)
        + "        }\n"
        for m in program.methods
    )
    imports = "".join(f"using C{i};\n" for i in program.imports)
    constants = ",\n".join(f"            C{x}" for x in program.constants)
    enum = f"        enum E\n        {{\n{constants}\n        }}\n"
    return f"{imports}\nnamespace N\n{{\n    class A\n    {{\n{enum}{methods}    }}\n}}\n"


def ruby(program: Program) -> str:
    """In Ruby, where a method that would be an overload is one of the class."""
    methods = "\n".join(
        f"  # Of {m.tag}.\n  def {'self.' * (m.overloads is not None)}{m.name}"
        f"({_typed(m, '{name}', {'i': '', 's': ''})})\n" + "".join(f"    {s.call}\n" for s in m.body) + "  end\n"
        for m in program.methods
    )
    imports = "".join(f'require "c{i}"\n' for i in program.imports)
    constants = ", ".join(f":c{x}" for x in program.constants)
    return f"{imports}\nclass A\n  E = [{constants}].freeze\n\n{methods}end\n"


def php(program: Program) -> str:
    """In PHP, where a method that would be an overload has another name."""
    methods = "\n".join(
        f"    /** Of {m.tag}. */\n    #[Audited]\n    public function {m.name}{'x' * (m.overloads is not None)}{m.tag}"
        f"({_typed(m, '{type} ${name}', {'i': 'int', 's': 'string'})})\n    {{\n"
        + "".join(f"        {s.call};\n" for s in m.body)
        + "    }\n"
        for m in program.methods
    )
    imports = "".join(f"use A\\C{i};\n" for i in program.imports)
    constants = "".join(f"    case C{x};\n" for x in program.constants)
    return f"<?php\n{imports}\nenum E\n{{\n{constants}}}\n\nclass A\n{{\n{methods}}}\n"


PRINTED: Mapping[str, Callable[[Program], str]] = {
    "a.java": java,
    "a.go": go,
    "a.rs": rust,
    "a.c": c,
    "a.cpp": cpp,
    "a.cs": csharp,
    "a.rb": ruby,
    "a.php": php,
}
"""A file of each language, and how a program is written in it."""
