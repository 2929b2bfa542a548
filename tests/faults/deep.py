"""A process that merges deeply nested texts and says how that went; a crash ends only this process."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from anvcs.merge import merge
from anvcs.merge.model import Options
from anvcs.merge.resources.extract import outline

BRACKETS = ("()", "[]", "{}")
_BLOCKS: dict[str, Callable[[int, str], str]] = {
    ".py": lambda n, word: "".join(" " * at + f"def f{at}():\n" for at in range(n)) + " " * n + f"return {word}\n",
    ".yml": lambda n, word: "".join(" " * at + f"k{at}:\n" for at in range(n)) + " " * n + f"{word}\n",
    ".md": lambda n, word: "".join(">" * at + f" q{at}\n" for at in range(n)) + f"{word}\n",
    ".rb": lambda n, word: "".join(f"def f{at}\n" for at in range(n)) + f"{word}\n" + "end\n" * n,
    ".php": lambda n, word: "<?php\n" + _braced("function f{}() {{\n", n, f"g('{word}');\n"),
    ".go": lambda n, word: "package m\nfunc f() {\n" + "func() {\n" * n + f"g({word})\n" + "}()\n" * n + "}\n",
    ".rs": lambda n, word: _braced("fn f{}() {{\n", n, f"g({word});\n"),
    ".java": lambda n, word: _braced("class F{} {{\n", n, f"int {word};\n"),
    ".cs": lambda n, word: _braced("class F{} {{\n", n, f"int {word};\n"),
    ".c": lambda n, word: "void f() {\n" + _braced("{{\n", n, f"g({word});\n") + "}\n",
    ".cpp": lambda n, word: "void f() {\n" + _braced("{{\n", n, f"g({word});\n") + "}\n",
    ".json": lambda n, word: '{"a":\n' * n + f'"{word}"\n' + "}" * n + "\n",
    ".css": lambda n, word: _braced(".f{} {{\n", n, f"color: {word};\n"),
    ".sql": lambda n, word: "".join(["select * from (\n" * n, "select ", word, "\n", ")\n" * n, ";\n"]),
    ".html": lambda n, word: "<div>\n" * n + f"{word}\n" + "</div>\n" * n,
    ".toml": lambda n, word: "x = " + "{a = " * n + word + "}" * n + "\n",
}


def nested(suffix: str, count: int, word: str) -> str:
    """Functions, or whatever the language has instead, each in the one before it."""
    made = _BLOCKS.get(suffix, lambda n, word: _braced("function f{}() {{\n", n, f"return {word};\n"))
    return made(count, word)


def bracketed(pair: str, count: int, word: str) -> str:
    """A word in so many brackets, in one line."""
    return f"x = {pair[0] * count}{word}{pair[1] * count}\n"


def _braced(opening: str, count: int, inside: str) -> str:
    return "".join(opening.format(at) for at in range(count)) + inside + "}\n" * count


def main() -> None:
    """Arguments: a suffix, how many brackets, how many functions, the seconds that a merge may take."""
    suffix, brackets, functions, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    # What grows by its indentation would otherwise be megabytes.
    functions = min(functions, 1500) if suffix in (".py", ".yml", ".md") else functions
    makers: dict[str, Callable[[str], str]] = {
        pair: lambda word, pair=pair: bracketed(pair, brackets, word) for pair in BRACKETS
    }
    makers["functions"] = lambda word: nested(suffix, functions, word)
    options = Options(seconds=seconds)
    for name, make in makers.items():
        base, left, right = (make(word).encode() for word in ("one", "two", "three"))
        began = time.process_time()
        met = merge(base, left, right, path="f" + suffix, options=options)
        apart = merge(base + b"\n\n\n\na\n", left + b"\n\n\n\na\n", base + b"\n\n\n\nb\n", path="f" + suffix)
        outline("f" + suffix, left)
        said = {
            "shape": name,
            "seconds": time.process_time() - began,
            "clean": met.clean,
            "kept": b"two" in met.text and b"three" in met.text,
            "apart": apart.clean and apart.text == left + b"\n\n\n\nb\n",
        }
        sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
