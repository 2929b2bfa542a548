"""What both sides do at one place, language by language: kept once each, or left to a person by name."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.unit.merge.languages.three import Edit, Sample
from tests.unit.merge.languages.whole import CPP, CSHARP, GO, JAVA, PHP, RUBY, RUST, C

Side = Edit | Sequence[Edit]
Kept = tuple[Sample, Side, Side, Side]
"""A sample, what the sides do, and what the merge does."""


def before(anchor: str, *new: str) -> Edit:
    """Something inserted before what stands there."""
    return anchor, "".join(new) + anchor


def after(anchor: str, *new: str) -> Edit:
    """Something inserted after what stands there."""
    return anchor, anchor + "".join(new)


def both(sample: Sample, place: str, one: str, other: str, *, behind: bool = False) -> Kept:
    """Two insertions at one place, and the order in which they are kept."""
    put = after if behind else before
    return sample, put(place, one), put(place, other), put(place, one, other)


SIZE = "    int size() {\n"
TESTS = "func tests() []test {\n"
TOTAL = "    pub fn total("
MACRO = "macro_rules! basket"
MAIN = "int main(int argc"
CPP_TOTAL = "long Basket::total("
PLUS = "        public static Basket<T> operator"
EQUAL = "    def ==(other)\n"
ABSTRACT = "    abstract protected function size();\n"

MEMBERS: dict[str, Kept] = {
    "java methods": both(
        JAVA,
        SIZE,
        "    void clear() {\n        items.clear();\n    }\n\n",
        "    /** It. */\n    Item first() {\n        x();\n    }\n\n",
    ),
    "java overloads": both(
        JAVA,
        SIZE,
        "    void add(Item... more) {\n        addAll(more);\n    }\n\n",
        "    void add(Item item, String s) {\n        x();\n    }\n\n",
    ),
    "java fields": both(
        JAVA,
        "    @Inject private Clock clock;\n",
        "    private int limit;\n",
        "    private String name;\n",
        behind=True,
    ),
    "java constants": (
        JAVA,
        after('        SALE("s")', ',\n        LOAN("l")'),
        after('        SALE("s")', ',\n        FREE("f")'),
        after('        SALE("s")', ',\n        FREE("f"),\n        LOAN("l")'),
    ),
    "go methods": both(
        GO,
        TESTS,
        "func (b *Basket) Clear() {\n\tb.items = nil\n}\n\n",
        "// First is it.\nfunc (b *Basket) First() Item {\n\treturn b.items[0]\n}\n\n",
    ),
    "go receivers": both(
        GO, TESTS, "func (b *Basket) Clear() {\n\tb.items = nil\n}\n\n", "func (b Box) Clear() {\n\tb.item = nil\n}\n\n"
    ),
    "go fields": both(GO, "\titems []Item\n", "\tcount int\n", "\tmode  Mode\n", behind=True),
    "go rows": both(GO, '\t\t{"two", 2},\n', '\t\t{"four", 4},\n', '\t\t{"three", 3},\n', behind=True),
    "go constants": both(GO, "\tsale\n", "\tfree\n", "\tloan\n", behind=True),
    "rust methods": both(
        RUST,
        TOTAL,
        "    pub fn clear(&mut self) {\n        self.items.clear();\n    }\n\n",
        "    /// It.\n    #[inline]\n    pub fn first(&self) -> &T {\n        &self.items[0]\n    }\n\n",
    ),
    "rust conditions": both(
        RUST,
        MACRO,
        '#[cfg(target_os = "redox")]\nfn home() -> i32 {\n    1\n}\n\n',
        '#[cfg(target_os = "wasi")]\nfn home() -> i32 {\n    2\n}\n\n',
    ),
    "rust impls": both(
        RUST,
        MACRO,
        "impl<T> Default for Basket<T> {\n    fn default() -> Self {\n        x()\n    }\n}\n\n",
        "impl<T> Drop for Basket<T> {\n    fn drop(&mut self) {}\n}\n\n",
    ),
    "rust tests": both(
        RUST,
        "    #[test]\n",
        "    #[test]\n    fn adds() {\n        assert!(true);\n    }\n\n",
        "    #[test]\n    fn removes() {\n        assert!(true);\n    }\n\n",
    ),
    "rust fields": both(RUST, "    mode: Mode,\n", "    count: usize,\n", "    limit: usize,\n", behind=True),
    "rust variants": both(RUST, "    Sale(u8),\n", "    #[serde(skip)]\n    Free,\n", "    Loan,\n", behind=True),
    "c functions": both(
        C,
        MAIN,
        "static int loan(long sum)\n{\n\treturn 0;\n}\n\n",
        "/* It. */\nstatic int size(void)\n{\n\treturn 1;\n}\n\n",
    ),
    "c prototypes": both(
        C,
        "static long total(struct basket *basket, const long *prices);\n",
        "static int loan(long sum);\n",
        "static int size(void);\n",
        behind=True,
    ),
    "c fields": both(C, "\tint count, limit;\n", "\tint flags;\n", "\tchar *note;\n", behind=True),
    "c rows": both(
        C,
        '\t{ "total", basket_total, LIMIT },\n',
        '\t{ "buy", basket_buy, 0 },\n',
        '\t{ "sell", basket_sell, 0 },\n',
        behind=True,
    ),
    "c constants": both(C, "\tMODE_GIFT = 4,\n", "\tMODE_FREE,\n", "\tMODE_LOAN,\n", behind=True),
    "c++ definitions": both(
        CPP,
        CPP_TOTAL,
        "void Basket::clear() {\n  items_.clear();\n}\n\n",
        "// It.\nItem Basket::first() {\n  return items_[0];\n}\n\n",
    ),
    "c++ overloads": both(
        CPP,
        CPP_TOTAL,
        "void Basket::add(const Item &item, bool now) {\n  x(item);\n}\n\n",
        "void Basket::add(long item) {\n  x(item);\n}\n\n",
    ),
    "c++ declarations": both(
        CPP, "  void add(T item);\n", "  void add(long item);\n", "  void add(T item, bool now);\n", behind=True
    ),
    "c++ tests": both(
        CPP,
        "TEST(Basket, Adds) {\n",
        "TEST(Basket, Clears) {\n  EXPECT_EQ(1, 1);\n}\n\n",
        "TEST(Basket, Removes) {\n  EXPECT_EQ(2, 2);\n}\n\n",
    ),
    "c# methods": both(
        CSHARP,
        PLUS,
        "        public void Clear()\n        {\n            items.Clear();\n        }\n\n",
        "        /// <summary>It.</summary>\n        public T First() => items[0];\n\n",
    ),
    "c# overloads": both(
        CSHARP,
        PLUS,
        "        public void Add(params T[] more) => AddAll(more);\n\n",
        "        public void Add<U>(U item) => AddOne(item);\n\n",
    ),
    "c# properties": both(
        CSHARP,
        '        public string Name { get; set; } = "basket";\n',
        "        public int Size { get; }\n",
        "        public string Title { get; }\n",
        behind=True,
    ),
    "c# constants": both(CSHARP, "            Gift = 4,\n", "            Free,\n", "            Loan,\n", behind=True),
    "ruby methods": both(
        RUBY,
        EQUAL,
        "    def clear\n      items.clear\n    end\n\n",
        "    # It.\n    def first\n      items[0]\n    end\n\n",
    ),
    "ruby methods of the class": both(
        RUBY, EQUAL, "    def clear\n      items.clear\n    end\n\n", "    def self.clear\n      nil\n    end\n\n"
    ),
    "ruby examples": both(
        RUBY,
        '  it "adds" do\n',
        '  it "clears" do\n    expect(1).to eq(1)\n  end\n\n',
        '  it "removes" do\n    expect(2).to eq(2)\n  end\n\n',
    ),
    "php methods": both(
        PHP,
        ABSTRACT,
        "    public function clear(): void\n    {\n        $this->items = [];\n    }\n\n",
        "    #[Pure]\n    public function first(): Item\n    {\n        return $this->items[0];\n    }\n\n",
    ),
    "php properties": both(
        PHP,
        "    private array $items = [];\n",
        "    private int $limit = 1;\n",
        "    private string $note = '';\n",
        behind=True,
    ),
    "php cases": both(PHP, "    case Gift = 'g';\n", "    case Free = 'f';\n", "    case Loan = 'l';\n", behind=True),
    "php keys": both(
        PHP,
        "        'limit' => Basket::LIMIT,\n",
        "        'debug' => false,\n",
        "        'trace' => true,\n",
        behind=True,
    ),
}
IMPORTS: dict[str, tuple[Sample, str, str]] = {
    "java": (JAVA, "import java.util.List;\n", "import java.util.{};\n"),
    "go": (GO, '\t"fmt"\n', '\t"{}"\n'),
    "rust": (RUST, "use std::collections::HashMap;\n", "use std::{};\n"),
    "c": (C, "#include <stdlib.h>\n", "#include <{}.h>\n"),
    "c++": (CPP, "#include <vector>\n", "#include <{}>\n"),
    "c#": (CSHARP, "using System.Collections.Generic;\n", "using {};\n"),
    "ruby": (RUBY, 'require "json"\n', 'require "{}"\n'),
    "php": (PHP, "use Shop\\Clock;\n", "use Shop\\{};\n"),
}
MOVED: dict[str, tuple[Sample, str, str, Edit]] = {
    "java": (
        JAVA,
        (
            "    public void add(Item item, int count) {\n        for (int i = 0; i < count; i++) {\n"
            "            add(item);\n        }\n    }\n\n"
        ),
        SIZE,
        ("            add(item);", "            this.add(item);"),
    ),
    "go": (
        GO,
        (
            "// Add puts one in a box.\nfunc (b Box) Add(item Item) error {\n\tb.item = item // the only one\n"
            "\treturn nil\n}\n\n"
        ),
        TESTS,
        ("b.item = item", "b.item = checked(item)"),
    ),
    "rust": (
        RUST,
        (
            "    /// Puts one in.\n    #[inline]\n    pub fn add(&mut self, item: T) -> Result<(), Error> {\n"
            "        if self.items.len() >= LIMIT {\n            return Err(Error::Full);\n        }\n"
            "        self.items.push(item);\n        Ok(())\n    }\n\n"
        ),
        "    /// Makes one.\n",
        ("self.items.push(item)", "self.items.push(item.clone())"),
    ),
    "c": (
        C,
        "static int discount(long sum, int percent)\n{\n\treturn (int)(sum * percent / 100);\n}\n\n",
        "/* Makes one. */\n",
        ("percent / 100", "percent / 1000"),
    ),
    "c++": (
        CPP,
        "void Basket::add(Item item, int count) {\n  for (int i = 0; i < count; i++) {\n    add(item);\n  }\n}\n\n",
        "TEST(Basket, StartsEmpty) {\n",
        ("    add(item);", "    this->add(item);"),
    ),
    "c#": (
        CSHARP,
        (
            "        public void Add(T item, int count)\n        {\n            for (int i = 0; i < count; i++)\n"
            "            {\n                Add(item);\n            }\n        }\n\n"
        ),
        PLUS,
        ("                Add(item);", "                this.Add(item);"),
    ),
    "ruby": (
        RUBY,
        "    def self.load(path)\n      JSON.parse(File.read(path))\n    end\n\n",
        EQUAL,
        ("JSON.parse(File", "JSON.load(File"),
    ),
    "php": (
        PHP,
        "    abstract protected function size();\n",
        "    public function __construct(",
        ("function size();", "function size(): int;"),
    ),
}
PARAMETERS: dict[str, tuple[Sample, str, Sequence[str], str]] = {
    "java": (
        JAVA,
        "add(Item item, int count) {",
        ["add({}Item item, int count{}) {{", "final ", ", String note"],
        "class Basket > add(Item item, int count)",
    ),
    "go": (
        GO,
        "func New(name string, count int) *",
        ["func New({}name string, count int{}) *", "", ", note string"],
        "func New",
    ),
    "rust": (
        RUST,
        "fn new(name: &str, count: usize)",
        ["fn new({}name: &str, count: usize{})", "mut ", ", note: &str"],
        "impl Basket<T> > fn new",
    ),
    "c": (
        C,
        "*basket_new(const char *name, int count)",
        ["*basket_new({}const char *name, int count{})", "register ", ", int note"],
        "basket_new",
    ),
    "c++": (
        CPP,
        "void Basket::add(Item item, int count) {",
        ["void Basket::add({}Item item, int count{}) {{", "const ", ", int note"],
        "namespace shop > Basket::add(Item item, int count)",
    ),
    "c#": (
        CSHARP,
        "Add(T item, int count)",
        ["Add({}T item, int count{})", "ref ", ", int note"],
        "namespace Shop.Baskets > class Basket<T> > Add(T item, int count)",
    ),
    "ruby": (
        RUBY,
        "initialize(name, count = 1, mode: :plain, **options)",
        ["initialize({}name, count = 1{}, mode: :plain, **options)", "", ", note = nil"],
        "module Shop > class Basket > def initialize",
    ),
    "php": (
        PHP,
        "total(array $prices, int &$extra)",
        ["total({}array $prices, int &$extra{})", "?", ", int $note"],
        "class Basket > function total",
    ),
}
EDITED: dict[str, tuple[Sample, str, tuple[str, str], str]] = {
    "java": (
        JAVA,
        "item.price() * item.count()",
        ("item.price() * item.size()", "item.price() * item.amount()"),
        "class Basket > total(final Map<String, T> prices, int... extras)",
    ),
    "go": (GO, "prices[item.Name] *", ("prices[item.ID] *", "prices[item.Key] *"), "func (b *Basket) Total"),
    "rust": (RUST, "prices[&item.name]", ("prices[&item.id]", "prices[&item.key]"), "impl Basket<T> > fn total"),
    "c": (C, "prices[i] * basket->limit", ("prices[i] * basket->count", "prices[i] * basket->most"), "total"),
    "c++": (
        CPP,
        "prices[item.id] * extra",
        ("prices[item.key] * extra", "prices[item.name] * extra"),
        "namespace shop > Basket::total(const vector<long> &prices, int extra)",
    ),
    "c#": (
        CSHARP,
        "prices[item.Name] *",
        ("prices[item.Id] *", "prices[item.Key] *"),
        "namespace Shop.Baskets > class Basket<T> > Total",
    ),
    "ruby": (
        RUBY,
        "prices[item.name] *",
        ("prices[item.id] *", "prices[item.key] *"),
        "module Shop > class Basket > def total",
    ),
    "php": (
        PHP,
        "$prices[$item->name] *",
        ("$prices[$item->id] *", "$prices[$item->key] *"),
        "class Basket > function total",
    ),
}


@pytest.mark.parametrize(("sample", "left", "right", "want"), MEMBERS.values(), ids=MEMBERS)
def test_members_that_both_sides_add_at_one_place_are_both_kept(
    sample: Sample, left: Edit, right: Edit, want: Edit
) -> None:
    assert sample.both(left, right) == sample.edited(want)


@pytest.mark.parametrize(("sample", "place", "form"), IMPORTS.values(), ids=IMPORTS)
def test_imports_that_both_sides_add_stand_there_once_each(sample: Sample, place: str, form: str) -> None:
    same, one, other = (form.format(word) for word in ("AAA", "BBB", "CCC"))
    result = sample.both(after(place, same, one), after(place, same, other))
    assert result == sample.edited(after(place, same, one, other))


@pytest.mark.parametrize(("sample", "member", "place", "change"), MOVED.values(), ids=MOVED)
def test_a_member_that_one_side_moved_and_the_other_changed_is_changed_where_it_stands_now(
    sample: Sample, member: str, place: str, change: Edit
) -> None:
    moved = [(member, ""), before(place, member)]
    result = sample.both(moved, change)
    assert result == sample.edited((member, ""), before(place, member.replace(*change)))


@pytest.mark.parametrize(
    ("sample", "member", "change"), [(row[0], row[1], row[3]) for row in MOVED.values()], ids=MOVED
)
def test_a_member_that_one_side_deleted_and_the_other_changed_needs_a_person(
    sample: Sample, member: str, change: Edit
) -> None:
    assert [rule for rule, _ in sample.neither((member, ""), change)] == ["delete-modify"]


@pytest.mark.parametrize(("sample", "old", "forms", "entity"), PARAMETERS.values(), ids=PARAMETERS)
def test_parameters_keep_their_places(sample: Sample, old: str, forms: Sequence[str], entity: str) -> None:
    form, first, last = forms
    one, other = form.format(first, ""), form.format("", last)
    if first:
        assert sample.both((old, one), (old, other)) == sample.edited((old, form.format(first, last)))
    third = form.format("", last.replace("note", "more"))
    assert sample.neither((old, other), (old, third)) == [("both-insert", entity)]


@pytest.mark.parametrize(("sample", "old", "new", "entity"), EDITED.values(), ids=EDITED)
def test_one_expression_that_both_sides_changed_needs_a_person_and_is_named(
    sample: Sample, old: str, new: tuple[str, str], entity: str
) -> None:
    assert sample.neither((old, new[0]), (old, new[1])) == [("both-edit", entity)]
