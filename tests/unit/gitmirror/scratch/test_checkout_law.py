"""From any tree, with anything done to its files, to any other tree: the files are exactly that tree's."""

from __future__ import annotations

import shutil
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anvcs.gitmirror.scratch.pool import Slot
from tests.conftest import Repo
from tests.unit.gitmirror.scratch.looking import Content, lies

NAMES = st.lists(st.sampled_from(["a", "b", "é"]), min_size=1, max_size=3).map("/".join)
CONTENTS = st.sampled_from(["file", "program"]).flatmap(
    lambda kind: st.tuples(st.just(kind), st.sampled_from([b"", b"x\n", b"y\n", b"x\r\n"]))
) | st.tuples(st.just("link"), st.sampled_from([b"a", b"../b", b".", b"/nowhere"]))


def fitting(wanted: dict[str, Content]) -> dict[str, Content]:
    """Without files that would have to be folders of others."""
    return {
        path: content for path, content in wanted.items() if not any(other.startswith(f"{path}/") for other in wanted)
    }


TREES = st.dictionaries(NAMES, CONTENTS, max_size=5).map(fitting)


def write(repo: Repo, wanted: dict[str, Content]) -> str:
    """The tree with these files."""
    index = repo.path / ".git" / "law-index"
    index.unlink(missing_ok=True)
    modes = {"file": "100644", "program": "100755", "link": "120000"}
    lines = [
        f"{modes[kind]} {repo.git('hash-object', '-w', '--stdin', stdin=data)}\t{path}\0"
        for path, (kind, data) in wanted.items()
    ]
    repo.git("update-index", "-z", "--index-info", stdin="".join(lines).encode(), GIT_INDEX_FILE=str(index))
    return repo.git("write-tree", GIT_INDEX_FILE=str(index))


def spoil(folder: Path, wanted: dict[str, Content]) -> None:
    """Put these files there over whatever is in the way."""
    for path, (kind, data) in wanted.items():
        place = folder
        for part in path.split("/"):
            if place.is_symlink() or not place.is_dir():
                place.unlink(missing_ok=True)
                place.mkdir()
            place /= part
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        if kind == "link":
            place.symlink_to(data.decode())
        else:
            place.write_bytes(data)
            place.chmod(0o755 if kind == "program" else 0o644)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREES, TREES)
def test_law_a_scratch_worktree_is_its_tree_whatever_was_done_to_it(
    repo: Repo, slot: Slot, wanted: dict[str, Content], spoilt: dict[str, Content]
) -> None:
    # One worktree for all examples: each begins with what the one before has left.
    slot.tree.mkdir(exist_ok=True)
    spoil(slot.tree, spoilt)
    slot.prepare(write(repo, wanted), ())
    assert lies(slot.tree) == wanted
