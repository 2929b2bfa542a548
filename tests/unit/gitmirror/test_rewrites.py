"""Which commit became which: real git rewrites, its own map and the author's dates are the oracle."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from anvcs import ids
from anvcs.gitmirror import rewrites
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.rewrites import Told
from tests.conftest import Repo

MakeRepo = Callable[..., Repo]


class Story:
    """A branch with commits c1, c2, c3 (and more), each of a file of its own, on main."""

    def __init__(self, repo: Repo, *, trailers: bool = False) -> None:
        self.repo = repo
        self.trailers = trailers
        self.base = repo.head()
        self.commits: dict[str, str] = {}
        repo.git("switch", "--quiet", "-c", "topic")
        for number in (1, 2, 3):
            self.add(f"c{number}")
        self.tip = repo.head()

    def add(self, name: str) -> str:
        """One more commit."""
        number = len(self.commits)
        self.repo.write(f"{name}.txt", f"{name}\n")
        self.repo.git("add", "--all")
        message = f"{name}\n\nANVCS-Change: {ids.new_change_id()}\n" if self.trailers else f"{name}\n"
        self.repo.git("commit", "--quiet", "-m", message, GIT_AUTHOR_DATE=f"@{1_700_000_000 + number * 60} +0000")
        self.commits[name] = self.repo.head()
        return self.commits[name]

    def move_base(self) -> str:
        """A commit on main that the branch lacks."""
        self.repo.git("switch", "--quiet", "main")
        self.repo.write("base.txt", "moved\n")
        base = self.repo.git_commit("base moves")
        self.repo.git("switch", "--quiet", "topic")
        return base

    def rebase(self, *todo: str, onto: str | None = None) -> None:
        """An interactive rebase with this list; words are a command and a commit's name."""
        lines = [" ".join(self.commits.get(word, word) for word in line.split(" ")) for line in todo]
        script = self.repo.path.parent / "todo"
        script.write_text("\n".join(lines) + "\n")
        self.repo.git(
            "rebase",
            "--quiet",
            "-i",
            onto or self.base,
            GIT_SEQUENCE_EDITOR=f"cp {script}",
            GIT_EDITOR="sed -i 's/^c\\([0-9]\\)/reworded c\\1/'",
        )

    def links(self, told: Told | None = None, *, before: str | None = None) -> dict[str, tuple[list[str], str]]:
        """By subject of the new commit: the names of the old ones, and the evidence."""
        repo = GitRepository.open(self.repo.path, self.repo.env)
        found = rewrites.between(repo, before or self.tip, self.repo.head())
        assert found.whole
        names = {oid: name for name, oid in self.commits.items()}
        shown: dict[str, tuple[list[str], str]] = {}
        for link in rewrites.match(repo, found.gone, found.came, told or {}):
            subject = self.repo.git("log", "-1", "--format=%s", link.new)
            olds, evidence = shown.setdefault(subject, ([], link.evidence))
            assert evidence == link.evidence
            olds.append(names[link.old])
        return {subject: (sorted(olds), evidence) for subject, (olds, evidence) in shown.items()}


@pytest.fixture
def story(make_repo: MakeRepo) -> Story:
    """Commits without trailers."""
    return Story(make_repo(init=False))


@pytest.fixture
def ours(make_repo: MakeRepo) -> Story:
    """Commits with change ids."""
    return Story(make_repo(init=False), trailers=True)


def one_to_one(names: Sequence[str], evidence: str) -> dict[str, tuple[list[str], str]]:
    """Each commit came from the one of its name."""
    return {name: ([name], evidence) for name in names}


def test_a_fast_forward_rewrites_nothing(story: Story) -> None:
    before = story.tip
    story.add("c4")
    assert story.links(before=before) == {}
    story.add("c5")
    assert story.links(before=before) == {}


@pytest.mark.promise("foreign.rewrites-matched")
def test_a_rebase_is_matched_by_patch_id(story: Story) -> None:
    story.move_base()
    story.repo.git("rebase", "--quiet", "main")
    assert story.links() == one_to_one(["c1", "c2", "c3"], "patch-id")


@pytest.mark.promise("foreign.rewrites-matched")
def test_change_ids_go_before_contents(ours: Story) -> None:
    ours.move_base()
    ours.repo.git("rebase", "--quiet", "main")
    assert ours.links() == one_to_one(["c1", "c2", "c3"], "change-id")


@pytest.mark.promise("foreign.rewrites-matched")
def test_what_git_itself_told_goes_before_everything(ours: Story) -> None:
    ours.move_base()
    ours.repo.git("rebase", "--quiet", "main")
    new = ours.repo.git("rev-list", "--reverse", "main..topic").split()
    # A map that says otherwise than the trailers do.
    told: Told = {new[0]: [(ours.commits["c2"], "post-rewrite")], new[1]: [(ours.commits["c1"], "post-rewrite")]}
    assert ours.links(told) == {
        "c1": (["c2"], "post-rewrite"),
        "c2": (["c1"], "post-rewrite"),
        "c3": (["c3"], "change-id"),
    }


def test_a_chain_of_rewrites_that_git_told_is_followed_through_what_came_between(story: Story) -> None:
    story.repo.git("commit", "--quiet", "--amend", "-m", "between")
    between = story.repo.head()
    story.repo.git("commit", "--quiet", "--amend", "-m", "last")
    repo = GitRepository.open(story.repo.path, story.repo.env)
    found = rewrites.between(repo, story.tip, story.repo.head())
    told: Told = {story.repo.head(): [(between, "post-rewrite")], between: [(story.tip, "reflog")]}
    links = rewrites.match(repo, found.gone, found.came, told)
    assert [tuple(link) for link in links] == [
        (story.repo.head(), between, "post-rewrite"),
        (between, story.tip, "reflog"),
    ]


def test_an_amended_message_is_matched_by_its_tree(story: Story) -> None:
    story.repo.git("commit", "--quiet", "--amend", "-m", "better words")
    assert story.links() == {"better words": (["c3"], "equal-tree")}


def test_an_amended_content_without_any_evidence_stays_unknown(story: Story) -> None:
    story.repo.write("c3.txt", "something else\n")
    story.repo.git("commit", "--quiet", "--amend", "--all", "-m", "c3 anew", "--date=now")
    assert story.links() == {}


def test_an_amended_content_is_matched_by_its_change_id(ours: Story) -> None:
    ours.repo.write("c3.txt", "something else\n")
    ours.repo.git("commit", "--quiet", "--amend", "--all", "--no-edit")
    assert ours.links() == {"c3": (["c3"], "change-id")}


@pytest.mark.promise("foreign.rewrites-matched")
def test_reworded_commits_are_matched(story: Story) -> None:
    story.rebase("reword c1", "pick c2", "reword c3")
    assert story.links() == {
        "reworded c1": (["c1"], "equal-tree"),
        "c2": (["c2"], "equal-tree"),
        "reworded c3": (["c3"], "equal-tree"),
    }


@pytest.mark.promise("foreign.rewrites-matched")
def test_reordered_commits_are_matched_by_what_they_change_not_by_where_they_end(story: Story) -> None:
    story.rebase("pick c2", "pick c1", "pick c3")
    assert story.links() == {"c1": (["c1"], "patch-id"), "c2": (["c2"], "patch-id"), "c3": (["c3"], "equal-tree")}
    story.rebase("pick c3", "pick c1", "pick c2")
    assert story.links() == one_to_one(["c1", "c2", "c3"], "patch-id")


@pytest.mark.promise("foreign.rewrites-matched")
@pytest.mark.parametrize("command", ["squash", "fixup"])
def test_a_squash_names_all_that_went_into_it(story: Story, command: str) -> None:
    story.rebase("pick c1", f"{command} c2", "pick c3")
    links = story.links()
    folded = links.pop("c1" if command == "fixup" else "reworded c1")
    assert folded == (["c1", "c2"], "equal-tree")
    assert links == {"c3": (["c3"], "equal-tree")}


@pytest.mark.promise("foreign.rewrites-matched")
def test_a_squash_on_a_moved_base_names_all_whose_change_ids_its_message_keeps(ours: Story) -> None:
    ours.move_base()
    ours.rebase("pick c1", "squash c2", "squash c3", onto="main")
    assert list(ours.links().values()) == [(["c1", "c2", "c3"], "change-id")]


def test_a_dropped_commit_is_claimed_by_none(story: Story) -> None:
    story.rebase("pick c1", "pick c3")
    assert story.links() == {"c3": (["c3"], "patch-id")}
    story.repo.git("reset", "--quiet", "--hard", story.tip)
    story.rebase("drop c1", "pick c2", "pick c3")
    assert story.links() == one_to_one(["c2", "c3"], "patch-id")


def test_a_rebase_with_a_resolved_conflict_matches_the_rest_and_guesses_nothing(story: Story) -> None:
    story.repo.git("switch", "--quiet", "main")
    story.repo.write("c2.txt", "in the way\n")
    story.repo.git_commit("conflicts with c2")
    story.repo.git("switch", "--quiet", "topic")
    story.repo.git_fails("rebase", "main")
    story.repo.write("c2.txt", "both\n")
    story.repo.git("add", "c2.txt")
    story.repo.git("rebase", "--continue", GIT_EDITOR="true")
    assert story.links() == one_to_one(["c1", "c3"], "patch-id")


def test_a_conflicting_commit_is_matched_by_its_change_id(ours: Story) -> None:
    ours.repo.git("switch", "--quiet", "main")
    ours.repo.write("c2.txt", "in the way\n")
    ours.repo.git_commit("conflicts with c2")
    ours.repo.git("switch", "--quiet", "topic")
    ours.repo.git_fails("rebase", "main")
    ours.repo.write("c2.txt", "both\n")
    ours.repo.git("add", "c2.txt")
    ours.repo.git("rebase", "--continue", GIT_EDITOR="true")
    assert ours.links() == one_to_one(["c1", "c2", "c3"], "change-id")


def test_messages_rewritten_throughout_are_matched(story: Story) -> None:
    story.repo.git(
        "filter-branch",
        "--force",
        "--msg-filter",
        "sed s/^c/changed\\ c/",
        "main..topic",
        FILTER_BRANCH_SQUELCH_WARNING="1",
    )
    assert story.links() == {f"changed c{n}": ([f"c{n}"], "equal-tree") for n in (1, 2, 3)}


def test_a_soft_reset_and_one_commit_fold_all_that_was_reset(story: Story) -> None:
    story.repo.git("reset", "--quiet", "--soft", story.base)
    story.repo.git("commit", "--quiet", "-m", "all in one")
    assert story.links() == {"all in one": (["c1", "c2", "c3"], "equal-tree")}


def test_a_split_commit_is_one_of_its_parts_at_most(ours: Story) -> None:
    message = ours.repo.git("log", "-1", "--format=%B", ours.tip)
    ours.repo.write("more.txt", "more\n")
    ours.repo.git("reset", "--quiet", "--soft", "HEAD^")
    ours.repo.git("commit", "--quiet", "-m", message)
    ours.repo.git("add", "more.txt")
    ours.repo.git("commit", "--quiet", "-m", message)
    repo = GitRepository.open(ours.repo.path, ours.repo.env)
    found = rewrites.between(repo, ours.tip, ours.repo.head())
    links = rewrites.match(repo, found.gone, found.came, {})
    assert [(link.old, link.evidence) for link in links] == [(ours.tip, "change-id")]


def test_two_commits_of_one_patch_are_told_apart_by_their_authors(story: Story) -> None:
    repo = story.repo
    repo.git("reset", "--quiet", "--hard", story.base)
    for name, date in (("on", 1), ("off", 2), ("on again", 3)):
        if name == "off":
            repo.git("rm", "--quiet", "switch.txt")
        else:
            repo.write("switch.txt", "on\n")
            repo.git("add", "--all")
        repo.git("commit", "--quiet", "-m", name, GIT_AUTHOR_DATE=f"@{1_700_000_000 + date} +0000")
        story.commits[name] = repo.head()
    before = repo.head()
    story.move_base()
    repo.git("rebase", "--quiet", "main")
    assert story.links(before=before) == one_to_one(["on", "off", "on again"], "patch-id")


def test_rebased_merges_are_matched_where_they_can_be(story: Story) -> None:
    repo = story.repo
    repo.git("switch", "--quiet", "-c", "side", story.base)
    repo.write("side.txt", "side\n")
    repo.git_commit("side")
    story.commits["side"] = repo.head()
    repo.git("switch", "--quiet", "topic")
    repo.git("merge", "--quiet", "--no-ff", "-m", "merged", "side")
    story.commits["merged"] = repo.head()
    before = repo.head()
    repo.git("commit", "--quiet", "--amend", "-m", "merged, said better")
    assert story.links(before=before) == {"merged, said better": (["merged"], "equal-tree")}


def test_a_pick_is_known_where_its_patch_confirms_what_it_says(story: Story) -> None:
    repo = story.repo
    repo.git("switch", "--quiet", "main")
    repo.git("cherry-pick", "-x", story.commits["c2"])
    opened = GitRepository.open(repo.path, repo.env)
    made = rewrites.read(opened, repo.head())
    assert rewrites.picked(opened, [made]) == [(repo.head(), story.commits["c2"], "patch-id")]
    # A message can say anything.
    repo.git("commit", "--quiet", "--amend", "-m", f"x\n\n(cherry picked from commit {story.commits['c1']})")
    assert rewrites.picked(opened, [rewrites.read(opened, repo.head())]) == []
    repo.git("commit", "--quiet", "--amend", "-m", f"x\n\n(cherry picked from commit {'1' * 40})")
    assert rewrites.picked(opened, [rewrites.read(opened, repo.head())]) == []


def test_above_the_limit_nothing_is_claimed(story: Story) -> None:
    repo = GitRepository.open(story.repo.path, story.repo.env)
    # A fast-forward claims nothing, however long it is.
    found = rewrites.between(repo, story.base, story.tip, most=1)
    assert (found.whole, found.gone, [made.oid for made in found.came]) == (True, (), [story.tip])
    story.rebase("reword c1", "reword c2", "reword c3")
    assert not rewrites.between(repo, story.tip, story.repo.head(), most=2).whole
    assert rewrites.between(repo, story.tip, story.repo.head(), most=3).whole


def test_commits_that_are_missing_are_no_reason_to_fail(story: Story) -> None:
    repo = GitRepository.open(story.repo.path, story.repo.env)
    assert not rewrites.between(repo, "1" * 40, story.tip).whole
    assert rewrites.parents(repo, "1" * 40) == ()


def test_the_map_of_the_hook_is_read_line_by_line_and_torn_lines_are_passed_over() -> None:
    one, two, three = "1" * 40, "2" * 40, "3" * 40
    data = f"{one} {two}\n{one[:20]} {two}\n{two} {three} extra\nrubbish\n{three}".encode()
    assert list(rewrites.parse_map(data)) == [(one, two), (two, three)]


def test_what_is_reachable_is_told_in_one_look(story: Story) -> None:
    repo = GitRepository.open(story.repo.path, story.repo.env)
    story.repo.git("commit", "--quiet", "--amend", "-m", "other")
    wanted = {*story.commits.values(), "1" * 40}
    assert rewrites.reachable(repo, wanted, {story.repo.head(), "2" * 40}) == {story.commits["c1"], story.commits["c2"]}
    assert rewrites.reachable(repo, (), {story.tip}) == set()
