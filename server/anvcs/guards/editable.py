"""Finds editable installs of Python's through which tests would run the user's code instead of the merged one's."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

_LARGEST = 1 << 20
_QUOTED = re.compile(r"""['"]([^'"\n]+)['"]""")


def sources(env: Mapping[str, str], root: Path) -> list[Path]:
    """The folders below a root that the Python on PATH imports from, relative to it and in its order.

    They are named in ``.pth`` files of its site-packages, by path or through a finder with a table of packages.
    """
    found: dict[Path, None] = {}
    for packages in site_packages(env):
        for file in sorted([*packages.glob("*.pth"), *packages.glob("__editable__*.py")]):
            for folder in _folders(file):
                for top in {root, Path(os.path.realpath(root))}:
                    if folder.is_relative_to(top):
                        found[folder.relative_to(top)] = None
    return list(found)


def site_packages(env: Mapping[str, str]) -> Iterator[Path]:
    """Where the Python on PATH has its packages."""
    python = next((at for name in ("python3", "python") if (at := shutil.which(name, path=env.get("PATH", "")))), None)
    homes = [Path(env["HOME"], ".local")] if "HOME" in env else []
    if python is not None:
        homes.append(Path(python).parent.parent)
    for home in homes:
        yield from sorted(home.glob("lib/python3*/site-packages"))


def _folders(file: Path) -> Iterator[Path]:
    with suppress(OSError, UnicodeDecodeError):
        if file.stat().st_size > _LARGEST:
            return
        text = file.read_text("utf-8")
        if file.suffix == ".pth":
            yield from (Path(line.strip()) for line in text.splitlines() if line.startswith("/"))
        else:
            # The folder of a package, or a package of one file.
            yield from (Path(path).parent for path in _QUOTED.findall(text) if path.startswith("/"))
