"""Where two streams meet."""

from __future__ import annotations

import pytest

from anvcs.merge.resources import sentences
from anvcs.merge.resources.overlap import overlaps
from anvcs.merge.resources.registry import Registry
from anvcs.merge.resources.trees import Remembered
from tests.unit.merge.resources.programs import Both, Texts

SHOP = {
    "shop/__init__.py": "",
    "shop/basket.py": (
        "class Basket:\n"
        "    def total(self):\n        return sum(each.price for each in self.items)\n\n"
        "    def pay(self, card):\n        return card.charge(self.total())\n\n\n"
        "def make():\n    return Basket()\n"
    ),
    "shop/web.py": "from shop.basket import make\n\n\ndef page():\n    return make().total()\n",
}
BASKET, WEB = SHOP["shop/basket.py"], SHOP["shop/web.py"]


def meet(left: Texts, right: Texts, base: Texts = SHOP) -> list[str]:
    """The sentences, each with how severe it is."""
    found = overlaps(Both(base, left, right))
    return [f"{each.severity}: {sentences.overlap(each, 'your change', 'agent:foo')}" for each in found]


def test_streams_that_touch_different_things_do_not_meet() -> None:
    left = {"shop/web.py": WEB.replace("return make()", "print()\n    return make()")}
    right = {"shop/basket.py": BASKET.replace("return card", "print()\n        return card")}
    assert meet(left, right) == []


def test_a_function_that_both_change_is_told_with_its_place_on_the_left_side() -> None:
    left = {"shop/basket.py": "\n" + BASKET.replace("sum(", "max(")}
    right = {"shop/basket.py": BASKET.replace("sum(", "min(")}
    assert meet(left, right) == [
        "soft: agent:foo changes Basket.total, which your change changes too in shop/basket.py:3."
    ]


def test_what_both_change_alike_is_no_overlap() -> None:
    changed = {"shop/basket.py": BASKET.replace("sum(", "max(")}
    assert meet(changed, changed) == []


def test_a_function_that_one_removes_and_the_other_changes_is_hard() -> None:
    left = {"shop/basket.py": BASKET.replace("sum(", "max(")}
    right = {
        "shop/basket.py": BASKET.replace(
            "    def total(self):\n        return sum(each.price for each in self.items)\n\n", ""
        )
    }
    assert meet(left, right)[0].startswith(
        "hard: agent:foo removes Basket.total from shop/basket.py, which your change"
    )


def test_a_renamed_function_that_the_other_newly_calls_is_hard() -> None:
    left = {"shop/web.py": WEB + "\n\ndef other():\n    return make()\n"}
    right = {"shop/basket.py": BASKET.replace("make", "create"), "shop/web.py": WEB.replace("make", "create")}
    assert meet(left, right) == [
        "hard: agent:foo renames make to create, which your change newly calls in shop/web.py:9."
    ]


def test_a_new_signature_of_what_the_others_changed_function_calls_is_hard() -> None:
    left = {"shop/web.py": WEB.replace("return make()", "print()\n    return make()")}
    right = {"shop/basket.py": BASKET.replace("make()", "make(size)")}
    assert meet(left, right) == [
        "hard: agent:foo changes the signature of make, which your change calls in shop/web.py:6."
    ]


def test_a_new_body_of_what_the_other_calls_is_soft() -> None:
    left = {"shop/web.py": WEB.replace("return make()", "print()\n    return make()")}
    right = {"shop/basket.py": BASKET.replace("return Basket()", "return Basket() or None")}
    assert meet(left, right) == ["soft: agent:foo changes make, which your change calls in shop/web.py:6."]


def test_what_both_change_is_told_once_though_one_also_depends_on_it() -> None:
    left = {
        "shop/basket.py": BASKET.replace("return Basket()", "return Basket() or None"),
        "shop/web.py": WEB.replace("return make()", "print()\n    return make()"),
    }
    right = {"shop/basket.py": BASKET.replace("make()", "make(size)")}
    assert meet(left, right) == [
        "hard: agent:foo changes the signature of make, which your change changes too in shop/basket.py:9."
    ]


def test_what_neither_changed_is_not_told_though_it_depends() -> None:
    left = {"shop/web.py": WEB + "\n\ndef other():\n    return 1\n"}
    right = {"shop/basket.py": BASKET.replace("make()", "make(size)")}
    assert meet(left, right) == []


def test_a_function_that_moved_but_is_still_given_in_its_old_place_breaks_nobody() -> None:
    moved = "def make():\n    items = load_everything(1, 2, 3)\n    return Basket(items)\n"
    base = {**SHOP, "shop/basket.py": BASKET.replace("def make():\n    return Basket()\n", moved)}
    left = {"shop/web.py": WEB.replace("return make()", "print()\n    return make()")}
    kept = base["shop/basket.py"].replace(moved, "from shop.making import make\n")
    gone = base["shop/basket.py"].replace(moved, "")
    assert meet(left, {"shop/basket.py": kept, "shop/making.py": moved}, base) == []
    assert meet(left, {"shop/basket.py": gone, "shop/making.py": moved}, base) == [
        "hard: agent:foo moves make from shop/basket.py to shop/making.py, which your change calls in shop/web.py:6."
    ]


def test_both_directions_are_told() -> None:
    change = {"shop/web.py": WEB.replace("return make()", "print()\n    return make()")}
    rename = {"shop/basket.py": BASKET.replace("make", "create")}
    assert meet(rename, change) == ["hard: your change renames make to create, which agent:foo calls in shop/web.py:6."]


def test_two_different_things_put_in_one_place_are_hard() -> None:
    found = meet({"new.py": "def f(): return 1\n"}, {"new.py": "def f(): return 2\n"})
    assert found == ["hard: agent:foo adds f, and so does your change in new.py:1, with another text."]
    assert meet({"new.py": "def f(): return 1\n"}, {"new.py": "def f(): return 1\n"}) == []


def test_a_file_that_one_removes_and_the_other_newly_imports_is_hard() -> None:
    left = {"shop/new.py": "import shop.basket\n"}
    right = {"shop/basket.py": None, "shop/web.py": None}
    assert "hard: agent:foo removes shop/basket.py, which your change newly imports in shop/new.py:1." in meet(
        left, right
    )


@pytest.mark.parametrize(
    "statement", ["ALTER TABLE users DROP COLUMN email;", "ALTER TABLE users RENAME COLUMN email TO mail;"]
)
def test_a_column_that_one_drops_and_the_others_statement_uses_is_hard(statement: str) -> None:
    base = {"db/1.sql": "CREATE TABLE users (id INT, email TEXT);\n"}
    found = meet({"db/report.sql": "SELECT email FROM users;\n"}, {"db/2.sql": statement + "\n"}, base)
    assert found == [
        "hard: agent:foo removes users.email from db/1.sql, which your change newly uses in db/report.sql:1."
    ]


def test_a_column_that_one_removes_and_the_others_code_names_in_a_string_is_soft() -> None:
    base = {"db/1.sql": "CREATE TABLE users (id INT, email TEXT);\n", "a.py": "x = 1\n"}
    found = meet(
        {"a.py": "x = 1\n\ndef f(db):\n    return db.run('select email from users')\n"},
        {"db/1.sql": "CREATE TABLE users (id INT);\n"},
        base,
    )
    assert found == [
        "soft: agent:foo removes users.email from db/1.sql, which your change, as it seems, newly uses in a.py:4."
    ]


def test_a_key_that_one_renames_and_the_other_names_is_soft() -> None:
    base = {"app.yaml": "pool:\n  max_size: 1\n", "a.py": "x = 1\n"}
    right = {"app.yaml": "pool:\n  largest: 1\n"}
    for code in ("'pool.max_size'", "'max_size'"):
        found = meet({"a.py": f"x = 1\n\ndef f(s):\n    return s.get({code})\n"}, right, base)
        done = "agent:foo renames pool.max_size to pool.largest"
        assert found == [f"soft: {done}, which your change, as it seems, newly uses in a.py:4."]
    assert meet({"a.py": "x = 1\n\ndef f(s):\n    return s.get('pool')\n"}, right, base) == []


def test_a_package_that_one_does_not_ask_for_any_more_and_the_other_imports_is_hard() -> None:
    base = {"package.json": '{"dependencies": {"left-pad": "1", "lodash": "2"}}\n', "a.js": "f();\n"}
    right = {"package.json": '{"dependencies": {"lodash": "2"}}\n'}
    found = meet({"a.js": "import pad from 'left-pad';\nf();\n"}, right, base)
    assert found == [
        "hard: agent:foo removes dependencies.left-pad from package.json, which your change newly imports in a.js:1."
    ]


def test_the_ids_are_those_of_the_base() -> None:
    left = {"shop/basket.py": BASKET.replace("sum(", "max(")}
    right = {"shop/basket.py": BASKET.replace("sum(", "min(")}
    (found,) = overlaps(Both(SHOP, left, right))
    assert found.id == Registry().id_of(found.resource.key)
    assert (found.path, found.line, found.column) == ("shop/basket.py", 2, 8)


def test_a_text_is_taken_apart_once() -> None:
    cache = Remembered()
    left, right = {"shop/web.py": WEB + "x = 1\n"}, {"shop/basket.py": BASKET + "y = 1\n"}
    overlaps(Both(SHOP, left, right), cache=cache)
    again = Both(SHOP, left, right)
    overlaps(again, cache=cache)
    assert again.left.read == again.right.read == again.base.read == []


def test_a_cache_forgets_what_was_not_used_for_longest() -> None:
    cache, files = Remembered(most=1), Both(SHOP, {}, {}).base
    outline = next(each.resource for each in overlaps(Both({}, {"a.py": "def f(): 1\n"}, {"a.py": "def f(): 2\n"})))
    assert outline.path == "a.py"
    assert cache.get("x", "a.py") is None
    assert files.oid("missing.py") is None


def test_sentences_speak_to_whom_they_are_shown() -> None:
    left = {"shop/web.py": WEB.replace("return make()", "print()\n    return make()")}
    right = {"shop/basket.py": BASKET.replace("make", "create")}
    (found,) = overlaps(Both(SHOP, left, right))
    assert sentences.overlap(found, "you", "agent:foo", placed=False) == (
        "agent:foo renames make to create, which you call."
    )
    (found,) = overlaps(Both(SHOP, right, left))
    assert sentences.overlap(found, "you", "agent:foo") == (
        "you rename make to create, which agent:foo calls in shop/web.py:6."
    )
