"""Prompts and answers as texts: what is sent never breaks out of its place, and what comes back is read strictly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.assist import answer
from anvcs.assist.question import INSTRUCTIONS, Intention, Question, prompt
from anvcs.errors import AssistConflictError

QUESTION = Question(
    path="src/tides.py",
    base="    return 1\n",
    left="    return 2\n",
    right="    return 3\n",
    names=("main", "moon"),
    entity="def tide",
    rule="both-edit",
    reason="both sides changed the same lines",
    head=("def tide(day):",),
    before=("    # high water",),
    after=("", "def ebb():"),
    imports=("import moon",),
    intentions={"left": (Intention("Twice as high"),), "right": (Intention("Thrice", prompt="Make it three"),)},
)


def sent(question: Question, largest: int = 100_000) -> dict[str, Any]:
    found = prompt(question, largest)
    system, user = found.messages
    assert (system.role, system.content, user.role) == ("system", INSTRUCTIONS, "user")
    assert found.size <= largest
    return json.loads(user.content)


def test_a_prompt_holds_the_conflict_and_what_is_around_it() -> None:
    assert sent(QUESTION) == {
        "path": "src/tides.py",
        "entity": "def tide",
        "rule": "both-edit",
        "reason": "both sides changed the same lines",
        "leftName": "main",
        "rightName": "moon",
        "base": "    return 1\n",
        "left": "    return 2\n",
        "right": "    return 3\n",
        "head": ["def tide(day):"],
        "before": ["    # high water"],
        "after": ["", "def ebb():"],
        "imports": ["import moon"],
        "commits": {
            "left": [{"message": "Twice as high"}],
            "right": [{"message": "Thrice", "prompt": "Make it three"}],
        },
    }


def test_the_same_question_is_the_same_prompt() -> None:
    assert prompt(QUESTION, 100_000).hash == prompt(QUESTION, 100_000).hash


@pytest.mark.promise("assist.little-is-sent")
def test_what_is_around_gives_way_where_it_is_too_much() -> None:
    bare = prompt(Question("a", "l", "r", None, ("main", "moon")), 100_000).size
    wide = Question("a", "l", "r", None, ("main", "moon"), before=("x" * 2000,), imports=("import a",))
    assert sent(wide, bare + 100).keys() & {"before", "imports"} == {"imports"}
    with pytest.raises(AssistConflictError, match="too large to send"):
        prompt(wide, bare - 1)


@pytest.mark.promise("assist.data-only")
@given(st.text(), st.text(), st.text())
def test_no_text_of_a_conflict_ends_its_place(base: str, left: str, right: str) -> None:
    question = Question('","a"', left, right, base, ('"}', "\n\n"), entity=left, before=(right,))
    found = sent(question)
    assert (found["base"], found["left"], found["right"], found["before"]) == (base, left, right, [right])


@pytest.mark.parametrize(
    "content",
    [
        '{"text": "a\\n", "rationale": "b"}',
        ' \n{"rationale": " b ", "text": "a\\n"}\n',
        '```json\n{"text": "a\\n", "rationale": "b"}\n```',
        '```\r\n{"text": "a\\n", "rationale": "b"}\n```\n',
    ],
)
def test_an_answer_is_one_object_bare_or_fenced(content: str) -> None:
    assert answer.read(content) == answer.Reading("a\n", "b")


def test_that_it_cannot_be_decided_is_an_answer() -> None:
    assert answer.read('{"text": null, "rationale": "Ask\\nboth."}') == answer.Reading(None, "Ask both.")


def test_a_long_rationale_is_cut() -> None:
    assert len(answer.read(json.dumps({"text": "a", "rationale": "b" * 5000})).rationale) == 2000


@pytest.mark.promise("assist.data-only")
@pytest.mark.parametrize(
    "content",
    [
        "",
        "Sure! Here it is: {}",
        "{}",
        "[]",
        '"a"',
        '{"text": 3}',
        '{"text": "a", "rationale": "b", "run": "rm"}',
        '{"text": "a"} {"text": "b"}',
        '{"text": "a\\u0000"}',
        '```json\n{"text": "a"}\n```\nDone.',
        "```python\nprint(1)\n```",
        '{"text": "a", "rationale": ["b"]}',
    ],
)
def test_anything_else_is_no_answer(content: str) -> None:
    with pytest.raises(AssistConflictError, match="cannot be used") as caught:
        answer.read(content)
    assert caught.value.way_out
