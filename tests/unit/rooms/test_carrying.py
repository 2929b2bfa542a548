"""Unsaved text that moves to another stream."""

from __future__ import annotations

from anvcs.rooms.attribution import Attribution
from anvcs.rooms.carrying import Part, parts
from anvcs.rooms.delta import Delta, apply
from anvcs.rooms.entries import Source

SAVED = "one\ntwo\n"


def source(seq: int, actor: str) -> Source:
    return Source(seq=seq, actor=actor, how="live", time=0, epoch=1, meta=None)


def written(*edits: tuple[str, Delta]) -> tuple[str, Attribution, dict[int, Source]]:
    text, attribution = SAVED, Attribution(SAVED, 1)
    sources: dict[int, Source] = {}
    for seq, (actor, delta) in enumerate(edits, 2):
        text = apply(text, delta)
        attribution.apply(delta, seq)
        sources[seq] = source(seq, actor)
    return text, attribution, sources


def test_each_writer_keeps_what_they_wrote() -> None:
    text, attribution, sources = written(("human:ada", ("ada\n",)), ("agent:foo", (12, "foo\n")))
    found = parts(SAVED, text, attribution, 1, sources)
    assert found == [Part("human:ada", "live", "ada\none\ntwo\n"), Part("agent:foo", "live", "one\ntwo\nfoo\n")]


def test_text_that_cannot_be_told_apart_goes_whole() -> None:
    text, attribution, sources = written(("human:ada", ("ada wrote\n",)), ("agent:foo", (4, -5, "went")))
    assert text == "ada went\none\ntwo\n"
    assert parts(SAVED, text, attribution, 1, sources) == [Part("agent:foo", "inferred", text)]


def test_saved_text_carries_nothing() -> None:
    _, attribution, sources = written()
    assert parts(SAVED, SAVED, attribution, 1, sources) == []
