"""Scratch worktrees: a tree's files outside of the user's worktree, for guards to run on.

Files are written by git with the user's own repository as its Git folder and an index of ours. So filters, Git LFS,
attributes, line endings and partial clones work as in the user's worktree, nothing is registered (``git worktree
list`` does not know of it), and no ref, HEAD or index of the user's is touched.

Guards see another ``.git``, made anew for each run: it borrows the objects, has a HEAD, tags and an index of its own,
no remotes and no hooks. Whatever a guard does with git stays there.
"""
