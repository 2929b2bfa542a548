"""What the modules under the commit path promise."""

PROMISES = {
    "gitmirror.trailers-as-git": (
        "Git itself reads each of our trailers exactly once, in any message.",
        "DESIGN 4 Commit",
    ),
    "gitmirror.settings-never-stale": (
        "A Git setting changed in any file counts at the next request, without starting git while nothing changes.",
        "DESIGN 6.7",
    ),
    "gitmirror.identity-as-git": (
        "Author and committer are exactly those that git commit would write.",
        "issue 2.5",
    ),
    "gitmirror.hooks-as-git": (
        "Hooks run with the arguments, folder, standard input and environment that git commit gives them.",
        "issue 2.5",
    ),
    "gitmirror.signed-by-users-program": (
        "A signed commit is made by the user's own signing program and git verifies it.",
        "issue 2.5",
    ),
    "gitmirror.paths-stay-inside": (
        "A path that leaves the repository, also by a symbolic link, is refused.",
        "issue 2 Bad input",
    ),
    "gitmirror.paths-quoted-as-git": (
        "A file name that is not plain UTF-8 is shown quoted as git shows it and reads back as the same bytes.",
        "issue 2 Bad input",
    ),
    "gitmirror.unsafe-file-systems-refused": (
        "A repository on a network file system or one of another kernel is refused, with the way out.",
        "DESIGN 5",
    ),
}
