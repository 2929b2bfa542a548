"""What has one name, what only looks so, and what says something of all that follows it."""

from __future__ import annotations

import pytest

from anvcs.merge import merge
from tests.unit.merge.languages.three import Sample
from tests.unit.merge.languages.whole import CPP, CSHARP, GO, JAVA, PHP, RUBY, RUST, C

TWICE: dict[str, tuple[Sample, str, str, str, str]] = {
    "java": (JAVA, "    void a(int b) {\n        c();\n    }\n\n", "    // An empty one.\n", "    int size() {\n", "a"),
    "go": (GO, "func (b *Basket) A() {\n\tc()\n}\n\n", "// Basket holds", "func tests()", "A"),
    "rust": (RUST, "    fn a() {\n        c();\n    }\n\n", "    /// Makes one.\n", "    pub fn total(", "a"),
    "c": (C, "void a(int b)\n{\n\tc();\n}\n\n", "/* Makes one. */\n", "int main(int argc", "a"),
    "c++": (CPP, "void a(int b) {\n  c();\n}\n\n", "struct Line {\n", "TEST(Basket, Adds)", "a"),
    "c#": (CSHARP, "        void A(int b) { }\n\n", "        static Basket()\n", "        public T this[", "A"),
    "ruby": (RUBY, "    def a\n      c\n    end\n\n", "    # Makes one.\n", "    def ==(other)\n", "a"),
    "php": (PHP, "    function a()\n    {\n    }\n\n", "    /** Puts one in. */\n", "    abstract protected", "a"),
}
RIGHT: dict[str, tuple[Sample, str, str, str, str]] = {
    "java overloads": (
        JAVA,
        "    void a(int b) {}\n\n",
        "    // An empty one.\n",
        "    void a(long b) {}\n\n",
        "    int size() {\n",
    ),
    "go receivers": (GO, "func (b *Basket) A() {}\n\n", "// Basket holds", "func (b *Box) A() {}\n\n", "func tests()"),
    "go init": (GO, "func init() {}\n\n", "// Basket holds", "func init() {}\n\n", "func tests()"),
    "rust conditions": (RUST, "#[cfg(a)]\nfn a() {}\n\n", "struct Point", "#[cfg(b)]\nfn a() {}\n\n", "macro_rules!"),
    "rust impls": (RUST, "impl Point {}\n\n", "/// How a basket", "impl Point {}\n\n", "macro_rules!"),
    "c prototypes": (C, "int a(int b);\n\n", "/* Makes one. */\n", "int a(int b)\n{\n}\n\n", "int main(int argc"),
    "c mentions": (
        C,
        "extern struct point a;\n\n",
        "/* Makes one. */\n",
        "extern struct point b;\n\n",
        "int main(int argc",
    ),
    "c branches": (
        C,
        "int a(void) { return 1; }\n",
        "static const char *home(void)\n{\n\treturn getenv",
        "int a(void) { return 2; }\n",
        'static const char *home(void)\n{\n\treturn "C:',
    ),
    "c++ overloads": (
        CPP,
        "void a(int b) {}\n\n",
        "struct Line {\n",
        "void a(const char *b) {}\n\n",
        "TEST(Basket, Adds)",
    ),
    "c++ qualified": (CPP, "void Line::a() {}\n\n", "Basket::~Basket", "void Basket::a() {}\n\n", "TEST(Basket, Adds)"),
    "c++ const": (CPP, "  int a();\n", "  void add(T item);\n", "  int a() const;\n", " protected:\n"),
    "c# arity": (
        CSHARP,
        "        void A() { }\n\n",
        "        static Basket()\n",
        "        void A<U>() { }\n\n",
        "        public T this[",
    ),
    "c# interfaces": (
        CSHARP,
        "        void A() { }\n\n",
        "        static Basket()\n",
        "        void IPriced.A() { }\n\n",
        "        public T this[",
    ),
    "c# partial": (
        CSHARP,
        "        partial class A { }\n\n",
        "        static Basket()\n",
        "        partial class A { }\n\n",
        "        public T this[",
    ),
    "ruby of the class": (
        RUBY,
        "    def self.a; end\n\n",
        "    # Makes one.\n",
        "    def a; end\n\n",
        "    def ==(other)\n",
    ),
    "ruby reopened": (RUBY, "  class A; end\n\n", "  # What a customer", "  class A; end\n\n", "  class Basket"),
    "php namespaces": (
        PHP,
        "function a() { if (x) { function c() {} } }\n\n",
        "interface Priced",
        "function b() { if (x) { function c() {} } }\n\n",
        "trait Counts",
    ),
}


@pytest.mark.parametrize(("sample", "added", "first", "second", "name"), TWICE.values(), ids=TWICE)
def test_a_definition_that_lines_merge_into_two_is_found_where_the_second_stands(
    sample: Sample, added: str, first: str, second: str, name: str
) -> None:
    found, lines = sample.twice(added, first, second)
    assert found == [f"duplicate: {name} is defined twice."]
    both = sample.edited((first, added + first), (second, added + second))
    assert lines == [both[: both.rindex(added)].count("\n") + 1]


@pytest.mark.parametrize(("sample", "one", "first", "other", "second"), RIGHT.values(), ids=RIGHT)
def test_what_only_looks_like_one_name_is_no_duplicate(
    sample: Sample, one: str, first: str, other: str, second: str
) -> None:
    left, right = sample.edited((first, one + first)), sample.edited((second, other + second))
    result = sample.merged(left, right)
    assert result.clean
    assert result.findings == ()


@pytest.mark.parametrize(
    ("sample", "place", "one", "other"),
    [
        (
            JAVA,
            "    int size() {\n",
            "    void a(int b) {\n        c();\n    }\n\n",
            "    void a(int d) {\n        e();\n    }\n\n",
        ),
        (GO, "func tests()", "func (b *Basket) A() {\n\tc()\n}\n\n", "func (x Basket) A() {\n\td()\n}\n\n"),
        (RUST, "macro_rules!", "#[cfg(a)]\nfn a() {\n    c();\n}\n\n", "#[cfg(a)]\nfn a() {\n    d();\n}\n\n"),
        (C, "int main(", "int a(int b)\n{\n\tc();\n}\n\n", "int a(long b)\n{\n\td();\n}\n\n"),
        (CPP, "TEST(Basket, Adds)", "int a(int b) {\n  c();\n}\n\n", "int a(int d = 1) {\n  e();\n}\n\n"),
        (CSHARP, "        public T this[", "        void A(int b) { c(); }\n\n", "        void A(int d) { e(); }\n\n"),
        (RUBY, "    def ==(", "    def a\n      c\n    end\n\n", "    def a\n      d\n    end\n\n"),
        (PHP, "    abstract protected", "    function a() { c(); }\n\n", "    function a() { d(); }\n\n"),
    ],
    ids=["java", "go", "rust", "c", "c++", "c#", "ruby", "php"],
)
def test_one_definition_with_two_contents_needs_a_person(sample: Sample, place: str, one: str, other: str) -> None:
    assert [rule for rule, _ in sample.neither((place, one + place), (place, other + place))] == ["both-add"]


@pytest.mark.parametrize(
    ("sample", "place", "section", "member"),
    [
        (CPP, "  virtual ~Box();\n", " private:\n  int secret_;\n", "  int open() const;\n"),
        (RUBY, "    def ==(other)\n", "    protected\n\n    def secret; end\n\n", "    def open; end\n\n"),
        (PHP, "interface Priced\n", "?>\n<p>\n<?php\n", "function open() {}\n\n"),
    ],
    ids=["c++", "ruby", "php"],
)
def test_nothing_is_put_under_a_section_that_the_other_side_begins(
    sample: Sample, place: str, section: str, member: str
) -> None:
    assert [rule for rule, _ in sample.neither((place, section + place), (place, member + place))] == ["both-insert"]


@pytest.mark.parametrize(
    ("sample", "place", "form"),
    [
        (JAVA, "            default:\n", "            case {}:\n                return {};\n"),
        (GO, "\tdefault:\n", "\tcase {}:\n\t\tsum = {}\n"),
        (RUST, "            _ => log", "            Mode::{} => sum = {},\n"),
        (C, "\tdefault:\n", "\tcase {}:\n\t\treturn {};\n"),
        (CPP, "    default:\n", "    case {}:\n      return {};\n"),
        (CSHARP, "                default:\n", "                case {}:\n                    return {};\n"),
        (RUBY, '      else\n        log("plain"', "      when {}\n        sum = {}\n"),
        (PHP, "            default:\n", "            case {}:\n                return {};\n"),
    ],
    ids=["java", "go", "rust", "c", "c++", "c#", "ruby", "php"],
)
def test_cases_that_both_sides_add_are_not_put_in_an_order(sample: Sample, place: str, form: str) -> None:
    one, other = (form.format(word, number) for word, number in (("AAA", 1), ("BBB", 2)))
    assert [rule for rule, _ in sample.neither((place, one + place), (place, other + place))] == ["both-insert"]


def test_a_constant_with_a_value_is_not_put_before_one_that_repeats_the_value_above() -> None:
    place = "\tsale\n"
    assert [rule for rule, _ in GO.neither((place, place + "\tloan = 100\n"), (place, place + "\tfree\n"))] == [
        "both-insert"
    ]


def test_of_two_definitions_under_conditions_each_is_changed_where_it_stands() -> None:
    unix = '#[cfg(unix)]\nfn home() -> &\'static str {\n    "/home"\n}\n\n'
    assert RUST.both((unix, ""), ('"C:/Users"', '"D:/Users"')) == RUST.edited((unix, ""), ('"C:/Users"', '"D:/Users"'))
    assert RUST.neither((unix, ""), ('"/home"', '"/root"')) == [("delete-modify", "fn home")]


def test_a_definition_whose_parameters_one_side_changed_is_still_the_one_whose_body_the_other_changed() -> None:
    head, body = (
        ("add(Item item, int count) {", "add(Item item, long count) {"),
        ("            add(item);", "            x(item);"),
    )
    assert JAVA.both(head, body) == JAVA.edited(head, body)


def test_a_condition_that_one_side_changed_above_what_the_other_changed_is_no_other_definition() -> None:
    left, right = RUST.edited(("#[cfg(unix)]", "#[cfg(macos)]")), RUST.edited(('"/home"', '"/root"'))
    result = RUST.merged(left, right)
    assert result.text.decode() == RUST.edited(("#[cfg(unix)]", "#[cfg(macos)]"), ('"/home"', '"/root"'))
    assert result.findings == ()


def test_short_members_that_differ_in_their_words_are_not_taken_for_one_that_was_renamed() -> None:
    getter = "    int get{0}() {{\n        return {1};\n    }}\n\n"
    old, new = getter.format("Name", "name"), getter.format("Size", "size")
    base = "class A {\n    int a;\n\n" + old + "    int z;\n}\n"
    left = base.replace(old, "").replace("    int a;\n\n", "    int a;\n\n" + new)
    right = base.replace("return name;", "return name + 1;")
    assert not merge(base.encode(), left.encode(), right.encode(), path="A.java").clean


def test_texts_after_a_line_stay_with_what_they_belong_to() -> None:
    place = "      execute(<<~SQL, sum)\n"
    one = "      first(<<~A)\n        a\n      A\n"
    assert RUBY.both((place, one + place), ("        set sum = ?\n", "        set sum = 1\n")) == RUBY.edited(
        (place, one + place), ("        set sum = ?\n", "        set sum = 1\n")
    )
    other = "      second(<<~B)\n        b\n      B\n"
    assert RUBY.both((place, one + place), (place, other + place)) == RUBY.edited((place, one + other + place))


def test_a_comment_that_begins_on_a_line_and_goes_on_stays_on_it() -> None:
    base = "int a;  /* one\n         * two */\nint b;\nint c;\n"
    left, right = base.replace("int b", "long b"), base.replace("int c", "long c")
    assert merge(base.encode(), left.encode(), right.encode(), path="a.c").text.decode() == left.replace(
        "int c", "long c"
    )


@pytest.mark.parametrize("path", ["a.h", "a.hpp", "a.cc", "a.H"])
def test_headers_are_read_as_cpp_which_reads_those_of_c_too(path: str) -> None:
    base = "#ifndef A_H\n#define A_H\n\nstruct a {\n\tint b;\n};\n\n#endif\n"
    left, right = base.replace("};\n", "\tint c;\n};\n"), base.replace("};\n", "\tint d;\n};\n")
    result = merge(base.encode(), left.encode(), right.encode(), path=path)
    assert result.text.decode() == base.replace("};\n", "\tint c;\n\tint d;\n};\n")
