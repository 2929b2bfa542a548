"""Sets up the merge driver for plain git in a repository's settings, and takes it out again."""

from __future__ import annotations

import msgspec

from anvcs.actions import installed
from anvcs.actions.init import replace_file
from anvcs.actions.workspace import Workspace
from anvcs.gitmirror import mergedriver
from anvcs.merge.languages import offered
from anvcs.storage.lock import exclusive


def put(workspace: Workspace, *, check_clean: bool | None = None) -> list[str]:
    """Have plain git call the driver; what changed, as sentences. Settings of the user's own stay, and are named."""
    found, before = workspace.repo.settings.get(), dict(installed.read(workspace.folder).settings)
    present = found.get(mergedriver.DRIVER)
    checks = check_clean if check_clean is not None else mergedriver.checks_clean(present or "")
    wanted = mergedriver.settings(mergedriver.here(_languages()), check_clean=checks)
    made: list[tuple[str, str]] = []
    for name, value in wanted:
        said = found.get(name)
        if said in (None, before.get(name)):
            made.append((name, value))
        elif said != value:
            workspace.notices.append(f"{name} is {said!r} already and stays so. {_OWN.get(name, '')}".rstrip())
    with exclusive(workspace.lock_path):
        _note(workspace, made)
        changed = [name for name, value in made if found.get(name) != value]
        for name, value in made:
            if name in changed:
                workspace.git.output("config", "--local", "--replace-all", name, value)
    if not changed:
        return []
    also = " and looks at what it merges without one" if checks else ""
    return [f"Git asks ANVCS where it finds a conflict in a file{also} ({', '.join(changed)})."]


def take(workspace: Workspace) -> list[str]:
    """Take out what was put in, as far as it is still there; what changed, as sentences."""
    there = [each for each in installed.read(workspace.folder).settings if is_ours(each[0])]
    if not there:
        return []
    with exclusive(workspace.lock_path):
        # The default first: from then on git is alone.
        for name, value in reversed(there):
            # Exit code 5 says that the user removed it already.
            workspace.git.run("config", "--local", "--fixed-value", "--unset", name, value)
        _note(workspace, ())
    return ["Git merges alone again."]


def is_ours(setting: str) -> bool:
    """A setting that belongs to the merge driver."""
    return setting == mergedriver.DEFAULT or setting.startswith(
        (f"merge.{mergedriver.NAME}.", f"mergetool.{mergedriver.NAME}.")
    )


_OWN = {
    mergedriver.DEFAULT: f"Name ours in .gitattributes for files that it is to merge: *.py merge={mergedriver.NAME}",
    mergedriver.DRIVER: f"Remove it first to have ours: git config --unset {mergedriver.DRIVER}",
}


def _note(workspace: Workspace, made: list[tuple[str, str]] | tuple[()]) -> None:
    """Write down what is added, before it is, so that it can be taken out whenever we die."""
    before = installed.read(workspace.folder)
    kept = (each for each in before.settings if not is_ours(each[0]))
    data = msgspec.json.encode(msgspec.structs.replace(before, settings=(*kept, *made)))
    replace_file(workspace.folder / installed.INSTALLED, data)


def _languages() -> tuple[str, ...]:
    """Endings of names whose language another package brings."""
    return tuple(sorted({end for each in offered() if each.profile is not None for end in each.profile.suffixes}))
