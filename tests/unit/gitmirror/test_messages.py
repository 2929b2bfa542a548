"""Messages against the real git: interpret-trailers, stripspace, commit and log."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from anvcs.errors import ConfigError
from anvcs.gitmirror import messages
from anvcs.gitmirror.settings import Settings

from .conftest import Box

LINES = st.sampled_from(
    [
        b"",
        b"  ",
        b"\t",
        b"\r",
        b"Fix the thing",
        b"fix: the thing",
        b"more prose here. ",
        b"# a comment",
        b"#123 solved",
        b" continued",
        b"\tcontinued",
        b"Signed-off-by: A <a@b>",
        b"Co-authored-by:B <b@c>",
        b"(cherry picked from commit 1234)",
        b"ANVCS-Change: old",
        b"anvcs-change : older",
        b"ANVCS-Meta: m1",
        b"Bug #42: yes",
        b"Bug: # 42",
        b": nothing",
        b"-: dash",
        b"Conflicts:",
        b"---",
        b"- item",
        b"key:",
        b"caf\xc3\xa9: au lait",
        b"http://example.com/x",
    ]
)
MESSAGES = st.tuples(st.lists(LINES, max_size=12), st.booleans()).map(
    lambda pair: b"\n".join(pair[0]) + (b"\n" if pair[1] else b"")
)
REAL = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def parsed_by_git(box: Box, message: bytes) -> list[bytes]:
    return box.out("interpret-trailers", "--parse", "--no-divider", stdin=message).splitlines()


def as_lines(found: list[messages.Trailer]) -> list[bytes]:
    return [token + b": " + value for token, value in found]


def stored(box: Box, message: bytes) -> str:
    """A commit object with exactly this message."""
    tree = box.out("hash-object", "-t", "tree", "-w", "--stdin").strip()
    raw = b"tree %s\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\n%s" % (tree, message)
    return box.out("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=raw).decode().strip()


@REAL
@given(message=MESSAGES)
def test_trailers_are_those_that_git_reads(box: Box, message: bytes) -> None:
    # Some versions of git complete a last line before they read it, which makes a difference for "Conflicts:".
    assume(not message.endswith(b"Conflicts:"))
    assert as_lines(messages.trailers(message)) == parsed_by_git(box, message)


@pytest.mark.parametrize("prose", range(8))
def test_a_block_may_be_three_quarters_prose_as_in_git(box: Box, prose: int) -> None:
    for before, after in ((prose, 0), (0, prose), (prose // 2, prose - prose // 2)):
        block = b"more prose\n" * before + b"Signed-off-by: A\nK: v\n" + b"more prose\n" * after
        message = b"Fix\n\n" + block
        assert as_lines(messages.trailers(message)) == parsed_by_git(box, message)


@REAL
@given(message=MESSAGES)
@pytest.mark.promise("gitmirror.trailers-as-git")
def test_git_reads_each_trailer_that_was_set_exactly_once(box: Box, message: bytes) -> None:
    result = messages.set_trailers(message, {b"ANVCS-Change": b"new", b"ANVCS-Meta": b"root"})
    found = [line for line in parsed_by_git(box, result) if line.lower().startswith(b"anvcs-")]
    assert found == [b"ANVCS-Change: new", b"ANVCS-Meta: root"]


@given(message=MESSAGES)
def test_setting_trailers_again_changes_nothing(message: bytes) -> None:
    values = {b"ANVCS-Change": b"new", b"ANVCS-Meta": b"root"}
    once = messages.set_trailers(message, values)
    assert messages.set_trailers(once, values) == once


@given(message=MESSAGES)
def test_other_trailers_and_the_subject_stay(message: bytes) -> None:
    result = messages.set_trailers(message, {b"ANVCS-Change": b"new"})
    if messages.subject(message) and not messages.subject(message).lower().startswith(b"anvcs-"):
        assert messages.subject(result) == messages.subject(message)
    others = [line for line in messages.trailers(message) if line[0].lower() != b"anvcs-change"]
    assert [line for line in messages.trailers(result) if line[0] != b"ANVCS-Change"] in (others, [])


@REAL
@given(message=MESSAGES)
def test_where_one_old_trailer_stands_the_result_is_git_s_own(box: Box, message: bytes) -> None:
    # Git takes "-" for a prefix of every token, drops comments from the block and puts trailers before comments.
    assume(not any(odd in message for odd in (b"-: dash", b"#")) and message[:1].strip())
    # A last line of blanks belongs to the block when git reads and begins a new one when it writes; no clean-up of a
    # commit message leaves one.
    assume(message.splitlines()[-1].strip())
    old = [token for token, _ in messages.trailers(message) if token.lower() == b"anvcs-change"]
    assume(len(old) <= 1)
    message += b"\n"  # git 2.39 does not complete a last line
    ours = messages.set_trailers(message, {b"ANVCS-Change": b"new"})
    git_s = box.out(
        "interpret-trailers", "--no-divider", "--if-exists=replace", "--trailer=ANVCS-Change: new", stdin=message
    )
    assert parsed_by_git(box, ours) == parsed_by_git(box, git_s)


def test_a_subject_that_looks_like_a_trailer_stays_the_subject() -> None:
    assert messages.set_trailers(b"fix: it\n", {b"K": b"v"}) == b"fix: it\n\nK: v\n"


def test_a_subject_that_looks_like_a_comment_stays_the_subject() -> None:
    assert messages.set_trailers(b"#42 solved\n", {b"K": b"v"}) == b"#42 solved\n\nK: v\n"


def test_trailers_come_after_prose_that_looks_like_a_comment() -> None:
    assert messages.set_trailers(b"Fix\n\n#42 solved\n", {b"K": b"v"}) == b"Fix\n\n#42 solved\n\nK: v\n"


def test_untouched_trailers_keep_their_bytes() -> None:
    before = b"Fix\n\nA:b\n  folded\nK : old\nC:  d\n"
    assert messages.set_trailers(before, {b"k": b"v"}) == b"Fix\n\nA:b\n  folded\nC:  d\nk: v\n"


def test_a_last_line_without_a_line_feed_is_completed() -> None:
    assert messages.set_trailers(b"Fix", {b"K": b"v"}) == b"Fix\n\nK: v\n"
    assert messages.set_trailers(b"Fix\n\nA: b", {b"K": b"v"}) == b"Fix\n\nA: b\nK: v\n"


def test_nothing_is_put_behind_a_cut_line() -> None:
    cut = b"# ------------------------ >8 ------------------------\ndiff\n"
    assert messages.set_trailers(b"Fix\n" + cut, {b"K": b"v"}) == b"Fix\n\nK: v\n" + cut


def test_doubles_in_a_block_of_prose_leave_trailers_that_git_reads(box: Box) -> None:
    before = b"Fix\n\nSigned-off-by: A\n" + b"K: v\n" * 3 + b"prose\n" * 12
    result = messages.set_trailers(before, {b"K": b"new"})
    assert parsed_by_git(box, result) == [b"K: new"]


def test_a_value_cannot_bring_a_trailer_of_its_own() -> None:
    result = messages.add_trailer(b"Fix\n", b"Co-authored-by", b"A\n  ANVCS-Meta: forged\r\nB <a@b>\n")
    assert messages.trailers(result) == [(b"Co-authored-by", b"A ANVCS-Meta: forged B <a@b>")]


def test_a_trailer_is_added_once_and_others_of_its_token_stay() -> None:
    once = messages.add_trailer(b"Fix\n\nCo-authored-by: A <a@b>\n", b"Co-authored-by", b"B <b@c>")
    assert once == b"Fix\n\nCo-authored-by: A <a@b>\nCo-authored-by: B <b@c>\n"
    assert messages.add_trailer(once, b"co-authored-by", b"B <b@c>") == once


@REAL
@given(message=MESSAGES, token=st.sampled_from([b"Co-authored-by", b"Reviewed-by"]))
def test_git_reads_the_added_trailer_last(box: Box, message: bytes, token: bytes) -> None:
    result = messages.add_trailer(message, token, b"N <n@o>")
    assert parsed_by_git(box, result)[-1] == token + b": N <n@o>"


def test_anvcs_lines_are_found_anywhere_and_indented() -> None:
    message = (
        b"Squashed commit\n\n    Fix\n\n    ANVCS-Change: aa\n    anvcs-meta : bb \n\n* more\n\nANVCS-Change: cc\r\n"
        b"\nNot-ANVCS-Change: no\nSee ANVCS-Change: no\n\nANVCS-Meta: dd"
    )
    assert messages.anvcs_lines(message) == [
        (b"ANVCS-Change", b"aa"),
        (b"ANVCS-Meta", b"bb"),
        (b"ANVCS-Change", b"cc"),
        (b"ANVCS-Meta", b"dd"),
    ]


@REAL
@given(message=MESSAGES)
def test_clean_up_is_git_stripspace(box: Box, message: bytes) -> None:
    assert messages.cleanup(message, "whitespace") == box.out("stripspace", stdin=message)
    assert messages.cleanup(message, "strip") == box.out("stripspace", "-s", stdin=message)


@pytest.mark.parametrize("mode", ["strip", "whitespace", "verbatim", "scissors", "default"])
@pytest.mark.parametrize("edited", [False, True])
def test_clean_up_is_what_git_commit_does(box: Box, mode: str, edited: bool) -> None:
    text = b"\n  Subject  \n\n\n# comment\nbody \n# ------------------------ >8 ------------------------\ncut\n\n"
    file = box.write("message", text)
    args = ["commit", "-q", "--allow-empty", f"--cleanup={mode}", "--no-status"]
    if edited:
        box.run(*args, env={"GIT_EDITOR": f"cp '{file}'"})
    else:
        box.run(*args, "-F", str(file))
    raw = box.out("cat-file", "commit", "HEAD")
    assert messages.cleanup(text, mode, edited=edited) == raw.partition(b"\n\n")[2]


def test_other_comment_characters_are_honoured() -> None:
    text = b"; gone\n# kept\n; gone\n"
    assert messages.cleanup(text, "strip", b";") == b"# kept\n"
    assert messages.trailers(b"Fix\n\nA: b\n; c\n", b";") == [(b"A", b"b")]


@pytest.mark.parametrize("setting", [None, "auto", ";", "%"])
def test_the_comment_character_is_the_configured_one(box: Box, setting: str | None) -> None:
    if setting is not None:
        box.run("config", "core.commentChar", setting)
    character = messages.comment_char(Settings.load(box.git()))
    text = b"; a\n# b\n% c\n"
    assert messages.cleanup(text, "strip", character) == box.out("stripspace", "-s", stdin=text)


def test_prose_that_begins_like_an_anvcs_line_is_none() -> None:
    assert messages.anvcs_lines(b"ANVCS-Change: two words\nANVCS-Meta:\nANVCS-Meta: caf\xe9\n") == []


def test_an_unknown_clean_up_mode_is_refused() -> None:
    with pytest.raises(ConfigError, match="'tidy'"):
        messages.cleanup(b"x", "tidy")


@pytest.mark.parametrize(
    ("message", "mode"),
    [
        (b"", None),
        (b" \n\t", None),
        (b"Signed-off-by: A\n", None),
        (b"x", None),
        (b"\n", "verbatim"),
        (b"", "verbatim"),
    ],
)
def test_a_message_is_empty_when_git_says_so(box: Box, message: bytes, mode: str | None) -> None:
    args = ["commit", "-q", "--allow-empty", "-F", "-", *([f"--cleanup={mode}"] if mode else [])]
    refused = box.run(*args, stdin=message, check=False).returncode != 0
    assert messages.is_empty(messages.cleanup(message, mode), mode) == refused


@REAL
@given(message=MESSAGES)
def test_the_subject_is_what_git_log_shows(box: Box, message: bytes) -> None:
    assert messages.subject(message) == box.out("log", "-1", "--format=%s", stored(box, message)).removesuffix(b"\n")


@REAL
@given(message=st.binary(max_size=40).filter(lambda text: b"\0" not in text))
def test_bytes_that_are_not_utf_8_become_what_git_makes_of_them(box: Box, message: bytes) -> None:
    tree = box.out("hash-object", "-t", "tree", "-w", "--stdin").decode().strip()
    commit = box.out("commit-tree", tree, stdin=message).decode().strip()
    assert messages.repair_utf8(message) == box.out("cat-file", "commit", commit).partition(b"\n\n")[2]


@pytest.mark.parametrize(
    ("raw", "encoding", "text"),
    [
        (b"caf\xc3\xa9", None, "café"),
        (b"caf\xe9", "ISO-8859-1", "café"),
        (b"caf\xe9", None, "caf�"),
        (b"caf\xc3\xa9", "no-such-encoding", "café"),
        (b"plain", "rot13", "plain"),
        (b"plain", "undefined", "plain"),
        (b"plain", "nul\0byte", "plain"),
    ],
)
def test_text_is_decoded_and_never_refused(raw: bytes, encoding: str | None, text: str) -> None:
    assert messages.decode(raw, encoding) == text
