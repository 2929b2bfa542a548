"""Merges of style sheets, HTML, Markdown and SQL: whole files with two edits each, and what is for a person."""

from __future__ import annotations

from itertools import combinations

import pytest

from anvcs.merge import MergeResult, merge
from anvcs.merge.languages import language_for
from anvcs.merge.languages.css import CSS as CSS_PROFILE
from anvcs.merge.structured import Structured

CSS = """\
@charset "utf-8";
@import url("base.css");

/* Colours of the house */
:root {
  --accent: #336699;
  --paper: white;
}

h1, h2 > a:hover {
  color: var(--accent);
  color: color-mix(in srgb, var(--accent), black 10%);
  margin: 0 auto; /* centred */
}

@font-face {
  font-family: "Body";
  src: url("body.woff2") format("woff2");
}

@media (max-width: 600px) {
  .menu { display: none }

  .card {
    padding: 1rem;
    border: none
  }
}
"""
HTML = """\
<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Shop</title>
  <!-- styles -->
  <link rel="stylesheet" href="a.css">
</head>
<body>
  <nav id="top" class="menu">
    <ul>
      <li><a href="/">Home</a></li>
      <li><a href="/cart">Cart</a></li>
    </ul>
  </nav>
  <section id="about">
    <h2>About us</h2>
    <p>We sell tea. We have done so for years.</p>
    <img src="shop.jpg" alt="Our shop">
  </section>
  <script>
    start();
  </script>
</body>
</html>
"""
MARKDOWN = """\
---
title: Tea
---
# Change log

What is new. Each version
has a section.

## [Unreleased]

### Added

- Green tea
  from Japan
- Black tea
  - Assam

### Fixed

* Cups without bottoms

## [1.0.0]

| tea | price |
|---|---|
| green | 3 |
| black | 4 |

```sh
make tea
drink tea
```

1. Boil water
2. Wait

[Unreleased]: https://example.com/compare
[1.0.0]: https://example.com/tag
"""
SQL = """\
-- Customers
CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL DEFAULT 'nobody',
  mail TEXT
);

CREATE TABLE orders (
    id INTEGER,
    customer INTEGER,
    PRIMARY KEY (id),
    FOREIGN KEY (customer) REFERENCES customers (id)
);

CREATE INDEX by_name ON customers (name);

INSERT INTO customers (id, name) VALUES
  (1, 'Ada'),
  (2, 'Grace');

CREATE VIEW named AS
SELECT id, name
FROM customers
WHERE name IS NOT NULL;

ALTER TABLE customers ADD COLUMN age INTEGER;
"""
EDITS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "site.css": (
        CSS,
        (
            ("#336699", "#abcdef"),
            ("  --paper: white;\n", "  --paper: ivory;\n"),
            ("h1, h2", "h1, h3, h2"),
            ("auto; /* centred", "auto 0; /* centred"),
            ("  color: var(--accent);\n", ""),
            ('@font-face {\n  font-family: "Body";', '@font-face {\n  font-family: "Text";'),
            ("padding: 1rem", "padding: 2rem"),
            ("border: none\n", "border: none;\n    top: 0\n"),
            (".menu { display: none }", ".menu { display: block }"),
            ("@media (max", ".new { left: 0 }\n\n@media (max"),
        ),
    ),
    "shop.html": (
        HTML,
        (
            ("<title>Shop", "<title>Tea shop"),
            ('href="a.css"', 'href="b.css"'),
            ('class="menu"', 'class="menu wide"'),
            ('id="top" ', 'id="top" role="navigation" '),
            ("Cart</a></li>\n", 'Cart</a></li>\n      <li><a href="/help">Help</a></li>\n'),
            ('      <li><a href="/">Home</a></li>\n', ""),
            ("About us", "Who we are"),
            ("We sell tea", "We sell coffee"),
            ("Our shop", "The shop"),
            ("start()", "begin()"),
        ),
    ),
    "CHANGELOG.md": (
        MARKDOWN,
        (
            ("title: Tea", "title: Coffee"),
            ("What is new.", "What changes."),
            ("- Black tea\n", "- Black tea, strong\n"),
            ("  - Assam\n", "  - Assam\n  - Ceylon\n"),
            ("- Green tea\n  from Japan\n", ""),
            ("* Cups without bottoms\n", "* Cups without bottoms\n* Hot water\n"),
            ("| green | 3 |", "| green | 5 |"),
            ("| black | 4 |\n", "| black | 4 |\n| white | 6 |\n"),
            ("drink tea", "drink it"),
            ("2. Wait\n", "2. Wait\n3. Drink\n"),
            ("[1.0.0]: https://example.com/tag", "[1.0.0]: https://example.org/tag"),
        ),
    ),
    "schema.sql": (
        SQL,
        (
            ("-- Customers", "-- People"),
            ("DEFAULT 'nobody'", "DEFAULT ''"),
            ("  mail TEXT\n", "  mail TEXT,\n  phone TEXT\n"),
            ("    customer INTEGER,\n", "    customer INTEGER,\n    total NUMERIC,\n"),
            ("by_name ON", "by_customer_name ON"),
            ("(2, 'Grace');", "(2, 'Grace'),\n  (3, 'Edsger');"),
            ("(1, 'Ada')", "(1, 'Ada L.')"),
            ("SELECT id, name\n", "SELECT id, name, mail\n"),
            ("WHERE name", "WHERE mail"),
            ("age INTEGER", "age SMALLINT"),
        ),
    ),
}
PAIRS = [
    pytest.param(path, text, one, other, id=f"{path}-{one[1][:12]!r}-{other[1][:12]!r}")
    for path, (text, edits) in EDITS.items()
    for one, other in combinations(edits, 2)
]


def merged(base: str, left: str, right: str, path: str) -> MergeResult:
    return merge(base.encode(), left.encode(), right.encode(), path=path)


def text(base: str, left: str, right: str, path: str) -> str:
    result = merged(base, left, right, path)
    assert result.clean, result.conflicts
    assert result.findings == ()
    return result.text.decode()


def refused(base: str, left: str, right: str, path: str) -> list[tuple[str, str | None]]:
    result = merged(base, left, right, path)
    assert not result.clean, result.text.decode()
    return [(conflict.rule, conflict.entity) for conflict in result.conflicts]


def both(path: str, old: str, left: str, right: str) -> str:
    """The merge of a sample in which both sides put something else for one place."""
    base = EDITS[path][0]
    assert old in base
    return text(base, base.replace(old, left), base.replace(old, right), path)


def neither(path: str, old: str, left: str, right: str) -> list[tuple[str, str | None]]:
    base = EDITS[path][0]
    assert old in base
    return refused(base, base.replace(old, left), base.replace(old, right), path)


@pytest.mark.parametrize(("path", "base", "one", "other"), PAIRS)
def test_two_edits_of_one_file_are_both_there_and_nothing_else_changes(
    path: str, base: str, one: tuple[str, str], other: tuple[str, str]
) -> None:
    left, right = base.replace(*one, 1), base.replace(*other, 1)
    want = left.replace(*other, 1)
    result = merged(base, left, right, path)
    assert result.clean, result.conflicts
    assert result.text.decode() == want
    assert result.findings == ()
    profile = language_for(path)
    assert profile is not None
    for sides in ((left, right), (right, left)):
        by_syntax = Structured(profile, base.encode(), *(side.encode() for side in sides)).merge()
        assert by_syntax.decode() == want


@pytest.mark.parametrize("path", EDITS)
def test_line_ends_of_windows_stay(path: str) -> None:
    base, edits = EDITS[path]
    for one, other in combinations(edits, 2):
        sides = [base.replace(*edit, 1).replace("\n", "\r\n") for edit in (one, other)]
        result = text(base.replace("\n", "\r\n"), sides[0], sides[1], path)
        assert result == base.replace(*one, 1).replace(*other, 1).replace("\n", "\r\n")


def test_declarations_that_both_sides_add_to_one_rule_are_both_kept_and_ended() -> None:
    result = both("site.css", "border: none\n", "border: none;\n    top: 0\n", "border: none;\n    left: 1px\n")
    assert "    border: none;\n    left: 1px;\n    top: 0\n  }" in result


def test_rules_that_both_sides_add_at_one_place_are_both_kept() -> None:
    new = ".b {\n  top: 0;\n}\n", ".a:hover {\n  left: 0;\n}\n"
    assert text(CSS, f"{CSS}\n{new[0]}", f"{CSS}\n{new[1]}", "site.css") == f"{CSS}\n{new[1]}\n{new[0]}"


def test_selectors_that_both_sides_add_are_both_selected() -> None:
    assert "h1, h2 > a:hover, h3, h4 {" in both("site.css", "a:hover {", "a:hover, h3 {", "a:hover, h4 {")


def test_selectors_and_properties_that_stand_twice_on_purpose_are_no_mistake() -> None:
    base = ".b {\n  top: 0;\n}\n\n.c {\n  top: 0;\n}\n"
    twice = ".a {\n  color: red;\n  color: rgba(255, 0, 0, 0.5);\n}\n\n"
    result = merged(base, twice + base, base + "\n.a {\n  left: 0;\n}\n", "a.css")
    assert result.clean
    assert result.findings == ()


def test_a_property_that_both_sides_add_with_two_values_is_for_a_person() -> None:
    sides = (f"  --paper: white;\n  --ink: {word};\n" for word in ("black", "navy"))
    assert neither("site.css", "  --paper: white;\n", *sides) == [("both-add", ":root > --ink")]


def test_items_that_stand_at_the_margin_stay_there() -> None:
    base = "  .x { top: 0 }\n.y { top: 0 }\n.z { top: 0 }\n"
    left, right = base.replace(".x { top: 0", ".x { top: 1px"), base.replace(".z { top: 0", ".z { top: 2px")
    by_syntax = Structured(CSS_PROFILE, base.encode(), left.encode(), right.encode()).merge()
    assert by_syntax.decode() == left.replace(".z { top: 0", ".z { top: 2px")


def test_one_value_that_both_sides_changed_is_named_by_rule_and_property() -> None:
    assert neither("site.css", "#336699", "#000", "#fff") == [("both-edit", ":root > --accent")]


def test_one_selector_with_two_contents_is_for_a_person() -> None:
    assert refused(CSS, CSS + "\n.x { top: 0 }\n", CSS + "\n.x { top: 1px }\n", "site.css") == [("both-add", ".x")]


def test_a_shorthand_and_one_of_its_parts_are_not_put_in_an_order() -> None:
    old = "  padding: 1rem;\n" if "  padding: 1rem;\n" in CSS else ""
    sides = old + "    margin: 0;\n", old + "    margin-left: 1px;\n"
    assert neither("site.css", old, *sides) == [("both-insert", "(max-width: 600px) > .card")]


@pytest.mark.parametrize("path", ["a.scss", "a.less"])
def test_languages_that_only_look_like_css_are_merged_by_lines(path: str) -> None:
    assert language_for(path) is None


def test_elements_that_both_sides_add_at_one_place_are_both_kept() -> None:
    item = '      <li><a href="/{0}">{0}</a></li>\n'
    old = '<li><a href="/cart">Cart</a></li>\n'
    result = both("shop.html", old, old + item.format("help"), old + item.format("blog"))
    assert result == HTML.replace(old, old + item.format("blog") + item.format("help"))


def test_attributes_are_merged_by_name() -> None:
    old = '<nav id="top" class="menu">'
    result = both("shop.html", old, '<nav id="top" class="menu" hidden>', '<nav id="top" title="Go" class="menu">')
    assert '<nav id="top" title="Go" class="menu" hidden>' in result
    result = neither("shop.html", old, '<nav id="top" class="a">', '<nav id="top" class="b">')
    assert result == [("both-edit", "top > class")]


def test_an_element_that_both_sides_add_under_one_id_is_for_a_person() -> None:
    old = '  <section id="about">'
    sides = (f'  <section id="news">\n    <p>{word}</p>\n  </section>\n{old}' for word in ("Tea", "Milk"))
    assert neither("shop.html", old, *sides) == [("both-add", "news")]


def test_one_sentence_that_both_sides_changed_is_for_a_person_though_words_lie_between() -> None:
    old = "We sell tea. We have done so for years."
    left, right = old.replace("We sell", "They sell"), old.replace("tea", "milk")
    assert neither("shop.html", old, left, right) == [("both-edit", "about")]


def test_html_that_is_not_closed_as_it_is_opened_is_not_taken_apart() -> None:
    base = "<div>\n<b>x</i>\n</div>\n"
    assert refused(base, base.replace("x", "y"), base.replace("x", "z"), "a.html")[0][0] == "syntax"


def test_entries_that_both_sides_add_to_a_change_log_are_both_kept() -> None:
    old = "  - Assam\n"
    assert both("CHANGELOG.md", old, old + "- White tea\n", old + "- Break no cups\n") == MARKDOWN.replace(
        old, old + "- Break no cups\n- White tea\n"
    )
    old = "### Added\n\n"
    assert both("CHANGELOG.md", old, old + "- White tea\n", old + "- Ice tea\n") == MARKDOWN.replace(
        old, old + "- Ice tea\n- White tea\n"
    )


def test_nested_items_and_rows_and_links_that_both_sides_add_are_all_kept() -> None:
    old = "  - Assam\n"
    assert f"{old}  - Ceylon\n  - Nepal\n\n" in both("CHANGELOG.md", old, old + "  - Nepal\n", old + "  - Ceylon\n")
    old = "| black | 4 |\n"
    assert f"{old}| red | 1 |\n| white | 2 |\n\n" in both(
        "CHANGELOG.md", old, old + "| white | 2 |\n", old + "| red | 1 |\n"
    )
    link = "[{0}]: https://example.com/{0}\n"
    result = text(MARKDOWN, MARKDOWN + link.format("b"), MARKDOWN + link.format("a"), "CHANGELOG.md")
    assert result == MARKDOWN + link.format("a") + link.format("b")


def test_sections_that_both_sides_add_are_both_kept() -> None:
    old = "## [1.0.0]\n"
    result = both("CHANGELOG.md", old, "## [1.2.0]\n\n- Tea\n\n" + old, "## [1.1.0]\n\n- Cups\n\n" + old)
    assert "## [1.1.0]\n\n- Cups\n\n## [1.2.0]\n\n- Tea\n\n## [1.0.0]\n" in result


def test_paragraphs_that_both_sides_write_at_one_place_are_for_a_person() -> None:
    old = "### Fixed\n"
    assert neither("CHANGELOG.md", old, "One says this.\n\n" + old, "The other says that.\n\n" + old) == [
        ("both-insert", "Change log > [Unreleased] > Added")
    ]


def test_sentences_are_not_mixed_and_neighbours_are_not_taken_apart() -> None:
    old = "What is new. Each version\nhas a section."
    left, right = old.replace("What is", "This is"), old.replace("new.", "news.")
    assert neither("CHANGELOG.md", old, left, right) == [("both-edit", "Change log")]
    right = old.replace("Each version", "Every version")
    assert neither("CHANGELOG.md", old, left, right) == [("both-edit", "Change log")]


def test_sentences_apart_are_both_taken_and_wrapping_lines_anew_is_no_conflict() -> None:
    base = "One is here. Two is here.\nThree is here.\n"
    left, right = base.replace("One is", "One was"), base.replace("Three is", "Three was").replace("\n", " ", 1)
    assert text(base, left, right, "a.md").split() == (
        base.replace("One is", "One was").replace("Three is", "Three was").split()
    )


def test_indentation_in_markdown_is_never_taken_for_formatting() -> None:
    base = "- a\n- b\n\n      code\n"
    left, right = base.replace("- b", "  - b"), base.replace("- b", "- c")
    result = merged(base, left, right, "a.md")
    assert not result.clean or "  - c" in result.text.decode()
    base = "```py\nif x:\n    a(1)\n    b(2)\n```\n"
    left, right = base.replace("    b(2)", "b(2)"), base.replace("a(1)", "a(3)")
    assert text(base, left, right, "a.md") == "```py\nif x:\n    a(3)\nb(2)\n```\n"


def test_columns_and_rows_that_both_sides_add_are_both_kept() -> None:
    old = "  mail TEXT\n"
    result = both("schema.sql", old, "  mail TEXT,\n  town TEXT\n", "  mail TEXT,\n  phone TEXT\n")
    assert "  mail TEXT,\n  phone TEXT,\n  town TEXT\n);" in result
    old = "    customer INTEGER,\n"
    result = both("schema.sql", old, old + "    total NUMERIC,\n", old + "    paid BOOLEAN,\n")
    assert old + "    paid BOOLEAN,\n    total NUMERIC,\n    PRIMARY KEY (id),\n" in result
    old = "(2, 'Grace');"
    result = both("schema.sql", old, "(2, 'Grace'),\n  (4, 'Alan');", "(2, 'Grace'),\n  (3, 'Edsger');")
    assert "  (2, 'Grace'),\n  (3, 'Edsger'),\n  (4, 'Alan');\n" in result


def test_tables_that_both_sides_create_are_both_created() -> None:
    tables = "\nCREATE TABLE b (\n  id INTEGER\n);\n", "\nCREATE TABLE a (\n  id INTEGER\n);\n"
    assert text(SQL, SQL + tables[0], SQL + tables[1], "schema.sql") == SQL + tables[1] + tables[0]


def test_statements_whose_order_means_something_are_for_a_person() -> None:
    statements = "\nUPDATE customers SET age = 1;\n", "\nDELETE FROM customers WHERE age IS NULL;\n"
    assert refused(SQL, SQL + statements[0], SQL + statements[1], "schema.sql") == [("both-insert", None)]
    assert neither("schema.sql", "SELECT id, name\n", "SELECT id, name, mail\n", "SELECT id, name, age\n") == [
        ("both-insert", "named")
    ]


def test_a_column_that_both_sides_define_in_two_ways_is_named() -> None:
    assert neither("schema.sql", "mail TEXT", "mail VARCHAR", "mail CHAR")[0][1] == "customers > mail"
    old = "  mail TEXT\n"
    assert neither("schema.sql", old, "  mail TEXT,\n  age INT\n", "  mail TEXT,\n  age SMALLINT\n") == [
        ("both-add", "customers > age")
    ]
