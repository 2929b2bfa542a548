"""Commit messages as git reads them: clean-up, trailers, subjects and encodings. Pure, over bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from anvcs.errors import ConfigError
from anvcs.gitmirror.settings import Settings

Trailer = tuple[bytes, bytes]
"""Token and unfolded value."""

_SPACE = b" \t\n\r"
"""What git's own ``isspace`` knows; bytes.strip() would also take vertical tabs and form feeds."""
_SCISSORS = b" ------------------------ >8 ------------------------"
_GENERATED = (b"Signed-off-by: ", b"(cherry picked from commit ")
_TOKEN = re.compile(rb"[A-Za-z0-9-]+[ \t]*:")
_ANVCS = re.compile(rb"^[ \t]*(ANVCS-Change|ANVCS-Meta)[ \t]*:[ \t]*([!-~]+)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_SIGN_OFF = b"Signed-off-by: "


# Clean-up


def cleanup(message: bytes, mode: str | None, comment: bytes = b"#", *, edited: bool = False) -> bytes:
    """The message as ``git commit --cleanup=MODE`` keeps it; ``edited`` if it came through an editor.

    Raises ConfigError for an unknown mode.
    """
    match mode or "default":
        case "verbatim":
            return message
        case "whitespace":
            return strip_space(message)
        case "strip":
            return strip_space(message, comment)
        case "default":
            return strip_space(message, comment if edited else None)
        case "scissors":
            return strip_space(message[: _cut(message, comment)] if edited else message)
        case _:
            raise ConfigError(
                f"{mode!r} is not a way to clean up a message.",
                "Set commit.cleanup to strip, whitespace, verbatim, scissors or default.",
            )


def comment_char(settings: Settings) -> bytes:
    """What begins a comment line: ``core.commentString`` or ``core.commentChar``; ``auto`` is ``#`` until an editor."""
    value = settings.get("core.commentString") or settings.get("core.commentChar") or "auto"
    return b"#" if value == "auto" else os.fsencode(value)


def strip_space(message: bytes, comment: bytes | None = None) -> bytes:
    """Without blank lines at both ends, doubled blank lines, trailing blanks and, if given, comment lines."""
    kept: list[bytes] = []
    blank = False
    for line in _lines(message):
        if comment and line.startswith(comment):
            continue
        text = line.rstrip(_SPACE)
        if text:
            if blank and kept:
                kept.append(b"")
            kept.append(text)
        blank = not text
    return b"".join(line + b"\n" for line in kept)


def is_empty(message: bytes, mode: str | None = None) -> bool:
    """Whether git would refuse the message as empty: nothing but blanks and sign-offs."""
    if mode == "verbatim" and message:
        return False
    return all(not line.strip(_SPACE) or line.startswith(_SIGN_OFF) for line in _lines(message))


# Reading


def subject(message: bytes) -> bytes:
    """The first paragraph on one line, as ``%s`` of ``git log``."""
    words: list[bytes] = []
    for line in _lines(message):
        text = line.rstrip(_SPACE)
        if text:
            words.append(text)
        elif words:
            break
    return b" ".join(words)


def decode(raw: bytes, encoding: str | None = None) -> str:
    """Text of a commit whose header names ``encoding``; what cannot be read is replaced, never refused."""
    try:
        return raw.decode(encoding or "utf-8", "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def repair_utf8(raw: bytes) -> bytes:
    """What git makes of a commit that claims to be UTF-8: each byte that is not becomes its Latin-1 character."""
    out = bytearray()
    at = 0
    while at < len(raw):
        try:
            out += raw[at:].decode("utf-8").encode()
            break
        except UnicodeDecodeError as error:
            bad = at + error.start
            out += raw[at:bad] + raw[bad : bad + 1].decode("latin-1").encode()
            at = bad + 1
    return bytes(out)


def trailers(message: bytes, comment: bytes = b"#") -> list[Trailer]:
    """The trailers of the last block, as ``git interpret-trailers --parse --no-divider`` prints them."""
    start, end = _block(message, comment)
    return [parsed for line in _grouped(message[start:end]) if (parsed := _parse(line, comment)) is not None]


def anvcs_lines(message: bytes) -> list[Trailer]:
    """Every ``ANVCS-Change`` and ``ANVCS-Meta`` line wherever it stands, in order, indented ones of a squash too.

    A value is one word of printable ASCII; lines that say anything else are prose.
    """
    canonical = {b"anvcs-change": b"ANVCS-Change", b"anvcs-meta": b"ANVCS-Meta"}
    return [(canonical[token.lower()], value) for token, value in _ANVCS.findall(message)]


# Writing


def set_trailers(message: bytes, values: Mapping[bytes, bytes], comment: bytes = b"#") -> bytes:
    """The message with exactly one trailer of each token at the end of its last block, made if there is none.

    Every other line stays byte for byte as it was.
    """
    new = [_line(token, value) for token, value in values.items()]
    tokens = {token.lower() for token in values}
    start, end = _writable_block(message, comment, tokens)
    kept = [
        line
        for line in _grouped(message[start:end])
        if (parsed := _parse(line, comment)) is None or parsed[0].lower() not in tokens
    ]
    return _write(message, start, end, kept, new, comment)


def add_trailer(message: bytes, token: bytes, value: bytes, comment: bytes = b"#") -> bytes:
    """The message with one more trailer, unless the same one is there already."""
    line = _line(token, value)
    wanted = _parse(line, comment)
    if wanted is None or (wanted[0].lower(), wanted[1]) in ((t.lower(), v) for t, v in trailers(message, comment)):
        return message
    start, end = _writable_block(message, comment, {token.lower()})
    return _write(message, start, end, _grouped(message[start:end]), [line], comment)


def _writable_block(message: bytes, comment: bytes, tokens: set[bytes]) -> tuple[int, int]:
    """The block to write into; a first paragraph is the subject, whatever git reads in it, unless all of it is ours."""
    start, end = _block(message, comment)
    if not message[:start].strip(_SPACE):
        for line in _grouped(message[start:end]):
            parsed = _parse(line, comment)
            if parsed is None or parsed[0].lower() not in tokens:
                return end, end
    return start, end


def _write(message: bytes, start: int, end: int, kept: list[bytes], new: list[bytes], comment: bytes) -> bytes:
    if start < end:
        before = b"".join(kept).rstrip(_SPACE)
        block = (before + b"\n" if before else b"") + b"".join(new)
        result = message[:start] + block + message[end:]
        # Taking doubles out of a block that was mostly prose can make git see prose only; then ours stand alone.
        if trailers(result, comment)[-len(new) :] == trailers(b"x\n\n" + b"".join(new), comment):
            return result
        message, end = message[:start] + before + b"\n" + message[end:], len(message)
    # At the very end, after comment lines too: behind a cut line git reads nothing, so not there.
    cut = _cut(message, comment) or len(message)
    text, rest = message[:cut], message[cut:]
    if text and not text.endswith(b"\n"):
        text += b"\n"
    gap = b"" if _ends_blank(text) else b"\n"
    return text + gap + b"".join(new) + rest


def _line(token: bytes, value: bytes) -> bytes:
    """One trailer line; a value of several lines becomes one, so that it cannot bring trailers of its own."""
    return token + b": " + re.sub(rb"\s*[\r\n]+\s*", b" ", value).strip(_SPACE) + b"\n"


# Git's idea of a trailer block (trailer.c)


def _block(message: bytes, comment: bytes) -> tuple[int, int]:
    """Start and end of the trailer block; both the end of the log message if there is none."""
    end = _log_end(message, comment)
    lines = _lines(message[:end])
    title = 0
    while title < len(lines) and (lines[title].startswith(comment) or lines[title].strip(_SPACE)):
        title += 1
    recognized = False
    found = prose = continuations = 0
    at = end
    started = False
    for index in range(len(lines) - 1, title - 1, -1):
        line = lines[index]
        if line.startswith(comment):
            prose, continuations = prose + continuations, 0
        elif not line.strip(_SPACE):
            if started:
                prose += continuations
                is_block = (recognized and found * 3 >= prose) or (found > 0 and prose == 0)
                return (at, end) if is_block else (end, end)
        else:
            started = True
            if line.startswith(_GENERATED):
                found, continuations, recognized = found + 1, 0, True
            elif _TOKEN.match(line):
                found, continuations = found + 1, 0
            elif line[:1] in (b" ", b"\t", b"\r"):
                continuations += 1
            else:
                prose, continuations = prose + continuations + 1, 0
        at -= len(line)
    return end, end


def _log_end(message: bytes, comment: bytes) -> int:
    """Where the log message ends and trailing comments, old conflict lists or a cut-off diff begin."""
    cut = _cut(message, comment)
    ignored = 0
    in_conflicts = False
    at = 0
    for line in _lines(message):
        if at >= cut:
            break
        if line.startswith(comment) or line == b"\n":
            ignored = ignored or at
        elif line == b"Conflicts:\n":
            in_conflicts = True
            ignored = ignored or at
        elif not (in_conflicts and line.startswith(b"\t")) and ignored:
            ignored, in_conflicts = 0, False
        at += len(line)
    return ignored or cut


def _cut(message: bytes, comment: bytes) -> int:
    """Where the scissors line begins, or the end."""
    line = comment + _SCISSORS
    if message.startswith(line):
        return 0
    found = message.find(b"\n" + line)
    return len(message) if found < 0 else found + 1


def _grouped(block: bytes) -> list[bytes]:
    """The lines of a block, continuation lines joined to their trailer."""
    groups: list[bytes] = []
    continues = False
    for line in _lines(block):
        if continues and line[:1] in (b" ", b"\t", b"\r", b"\n"):
            groups[-1] += line
            continue
        groups.append(line)
        continues = _TOKEN.match(line) is not None
    return groups


def _parse(line: bytes, comment: bytes) -> Trailer | None:
    if line.startswith(comment) or _TOKEN.match(line) is None:
        return None
    token, _, value = line.partition(b":")
    return token.strip(_SPACE), re.sub(rb"\n[ \t\n\r]*", b" ", value.strip(_SPACE)).strip(_SPACE)


def _lines(text: bytes) -> list[bytes]:
    """Lines with their ends; only a line feed ends a line."""
    parts = text.split(b"\n")
    last = parts.pop()
    return [part + b"\n" for part in parts] + ([last] if last else [])


def _ends_blank(text: bytes) -> bool:
    lines = _lines(text)
    return bool(lines) and not lines[-1].strip(_SPACE)
