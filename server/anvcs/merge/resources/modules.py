"""Which file an import means, by the rules of its language, as far as paths alone tell."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

Exists = Callable[[str], bool]

_SCRIPTS = (".ts", ".tsx", ".mts", ".cts", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".json")
_AS_WRITTEN = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""What an import may name that is compiled into the file it writes."""
_ALIASES = ("@/", "~/")
"""What often stands for the folder of all sources."""
_ROOTS = ("", "src", "lib", "server", "python")
"""Folders in which packages often stand, under each folder around the one who imports."""


def candidates(language: str, path: str, module: str, exists: Exists) -> Iterator[str]:
    """Files that a module may be, the most likely first; they need not exist. None for what is outside of the tree."""
    if language == "python":
        yield from _python(path, module, exists)
    elif language in {"javascript", "typescript", "tsx"}:
        yield from _script(path, module)


def submodule(language: str, module: str, name: str) -> str | None:
    """The module that a name taken from a module may be, if the language has such."""
    if language != "python":
        return None
    return f"{module}{name}" if module.endswith(".") else f"{module}.{name}"


def python_names(path: str, exists: Exists) -> Iterator[str]:
    """The names under which a Python file can be imported from anywhere, the shortest first."""
    parts = path.removesuffix(".py").removesuffix(".pyi").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    for start in range(len(parts) - 1, -1, -1):
        if start == 0 or not exists("/".join([*parts[:start], "__init__.py"])):
            yield ".".join(parts[start:])


def _python(path: str, module: str, exists: Exists) -> Iterator[str]:
    named = module.lstrip(".")
    dots = len(module) - len(named)
    parts = named.split(".") if named else list[str]()
    folder = posixpath.dirname(path)
    if dots:
        for _ in range(dots - 1):
            folder = posixpath.dirname(folder)
        yield from _package(posixpath.join(folder, *parts))
        return
    while True:
        if not exists(posixpath.join(folder, "__init__.py")):
            for root in _ROOTS:
                yield from _package(posixpath.join(folder, root, *parts))
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _package(stem: str) -> Iterator[str]:
    if stem:
        yield f"{stem}.py"
        yield f"{stem}/__init__.py"
        yield f"{stem}.pyi"
    else:
        yield "__init__.py"


def _script(path: str, module: str) -> Iterator[str]:
    folder: str = posixpath.dirname(path)
    if module.startswith("."):
        yield from _script_files(posixpath.normpath(posixpath.join(folder, module)))
    elif module.startswith(_ALIASES) or "/" in module.removeprefix("@"):
        rest = module.partition("/")[2] if module.startswith(_ALIASES) else module
        while True:
            for root in _ROOTS[:2]:
                yield from _script_files(posixpath.join(folder, root, rest))
            if not folder:
                return
            folder = posixpath.dirname(folder)


def _script_files(stem: str) -> Iterator[str]:
    if stem.startswith(".."):
        return
    base, suffix = posixpath.splitext(stem)
    if suffix in _SCRIPTS:
        yield stem
        for other in _AS_WRITTEN.get(suffix, ()):
            yield base + other
    for each in _SCRIPTS:
        yield stem + each
    for each in _SCRIPTS:
        yield posixpath.join(stem, f"index{each}")
