"""What depends on what, across files."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from anvcs.merge.resources.graph import Graph
from anvcs.merge.resources.trees import Outlines, Remembered
from tests.unit.merge.resources.programs import Program


def edges(texts: Mapping[str, str], names: frozenset[str] | None = None) -> set[str]:
    files = Outlines(Program(texts), Remembered())
    return {
        f"{each.source.path}:{each.source.name} {each.how} {each.target.path}:{each.target.name}"
        + (" guessed" if each.guessed else "")
        for each in (Graph(files, texts).edges if names is None else Graph(files, texts).along(names))
    }


def test_a_call_in_the_same_file_is_an_edge() -> None:
    assert "a.py:f calls a.py:g" in edges({"a.py": "def f(): return g()\ndef g(): return 1\n"})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pkg/b.py", "from .a import f\n\ndef use(): return f()\n"),
        ("pkg/b.py", "from . import a\n\ndef use(): return a.f()\n"),
        ("pkg/b.py", "from .a import f as g\n\ndef use(): return g()\n"),
        ("pkg/b.py", "from .a import *\n\ndef use(): return f()\n"),
        ("pkg/sub/b.py", "from ..a import f\n\ndef use(): return f()\n"),
        ("b.py", "import pkg.a\n\ndef use(): return pkg.a.f()\n"),
        ("b.py", "import pkg.a as a\n\ndef use(): return a.f()\n"),
        ("tests/b.py", "from pkg.a import f\n\ndef use(): return f()\n"),
        ("tests/b.py", "from pkg import f\n\ndef use(): return f()\n"),
        ("tests/b.py", "def use():\n    from pkg import f\n    return f()\n"),
    ],
)
def test_python_imports_lead_to_the_function(path: str, text: str) -> None:
    texts = {"pkg/__init__.py": "from pkg.a import f\n", "pkg/a.py": "def f(): return 1\n", path: text}
    assert f"{path}:use calls pkg/a.py:f" in edges(texts)


def test_a_package_in_a_source_folder_is_found_from_its_tests() -> None:
    texts = {
        "src/pkg/__init__.py": "",
        "src/pkg/a.py": "def f(): return 1\n",
        "tests/b.py": "from pkg.a import f\n\ndef use(): return f()\n",
    }
    assert "tests/b.py:use calls src/pkg/a.py:f" in edges(texts)


def test_a_module_inside_a_package_is_not_taken_for_one_at_the_top() -> None:
    texts = {"pkg/__init__.py": "", "pkg/json.py": "def f(): return 1\n", "pkg/b.py": "from json import f\n\nf()\n"}
    assert not any("pkg/json.py" in each for each in edges(texts))


@pytest.mark.parametrize(
    "text",
    [
        "import { f } from './a';\nfunction use() { return f() }",
        "import { f as g } from './a.js';\nfunction use() { return g() }",
        "import * as a from './a';\nfunction use() { return a.f() }",
        "const { f } = require('./a');\nfunction use() { return f() }",
        "const a = require('./a');\nfunction use() { return a.f() }",
        "import { f } from '.';\nfunction use() { return f() }",
        "import { f } from '@/lib/a';\nfunction use() { return f() }",
    ],
)
def test_javascript_imports_lead_to_the_function(text: str) -> None:
    texts = {
        "src/lib/a.ts": "export function f() { return 1 }",
        "src/lib/index.ts": "export * from './a';",
        "src/lib/b.ts": text,
    }
    assert "src/lib/b.ts:use calls src/lib/a.ts:f" in edges(texts)


def test_a_module_that_is_one_thing_gives_that_things_members() -> None:
    texts = {
        "app.js": "var app = module.exports = {};\napp.use = function () {};\n",
        "b.js": "var app = require('./app');\nfunction f() { app.use() }\n",
    }
    assert "b.js:f calls app.js:app.use" in edges(texts)


def test_members_are_found_along_base_classes() -> None:
    texts = {
        "a.py": "class Base:\n    def total(self): return 1\n",
        "b.py": "from a import Base\n\nclass Basket(Base):\n    def pay(self): return self.total()\n",
        "c.py": "from b import Basket\n\ndef f(basket: Basket): return basket.total()\n",
    }
    found = edges(texts)
    assert "b.py:Basket inherits a.py:Base" in found
    assert "b.py:Basket.pay calls a.py:Base.total" in found
    assert "c.py:f calls a.py:Base.total" in found


def test_an_attribute_that_is_no_resource_leads_to_its_class() -> None:
    texts = {"a.py": "class A:\n    def __init__(self): self.x = 1\n\ndef f(a: A): return a.x\n"}
    assert "a.py:f uses a.py:A" in edges(texts)


def test_a_name_that_only_one_thing_has_is_guessed() -> None:
    texts = {"a.py": "class A:\n    def get_total(self): return 1\n", "b.py": "def f(a): return a.get_total()\n"}
    assert "b.py:f calls a.py:A.get_total guessed" in edges(texts)


def test_names_that_two_things_have_or_everybody_has_are_not_guessed() -> None:
    two = {"a.py": "class A:\n    def get_total(self): ...\nclass B:\n    def get_total(self): ...\n"}
    use = {"b.py": "def f(a): return a.get_total() + a.append()\n"}
    assert not any("guessed" in each for each in edges({**two, **use}))
    assert not any("guessed" in each for each in edges({"a.py": "class A:\n    def append(self): ...\n", **use}))


def test_languages_without_paths_are_linked_by_name() -> None:
    texts = {"A.java": "class A { void payAll() {} }", "B.java": "class B { void f(A a) { a.payAll(); } }"}
    assert "B.java:B.f calls A.java:A.payAll guessed" in edges(texts)


def test_circles_of_imports_and_of_classes_end() -> None:
    assert edges({"a.py": "from b import f\nf()\n", "b.py": "from a import f\nf()\n"}) == set()
    assert edges({"a.py": "class A(B): ...\nclass B(A):\n    def f(self): return self.g()\n"})
    assert not edges({"a.js": "export * from './b';", "b.js": "export * from './a';\nimport {f} from './a';\nf()"})


def test_only_edges_along_the_wanted_names_are_looked_for() -> None:
    texts = {
        "a.py": "def f(): return 1\ndef g(): return 1\n",
        "b.py": "from a import f, g\n\ndef use(): return f() + g()\n",
    }
    assert {each.partition(" ")[2] for each in edges(texts, frozenset({"f"}))} == {"imports a.py:f", "calls a.py:f"}
