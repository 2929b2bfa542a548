"""A version of a text as guards read it: what several of them ask for is found once."""

from __future__ import annotations

from functools import cached_property

from tree_sitter import Node, Tree

from anvcs.merge.languages import Profile


class Version:
    """The base, a side or the result."""

    def __init__(self, profile: Profile, text: bytes) -> None:
        self.profile = profile
        self.text = text

    @cached_property
    def tree(self) -> Tree:
        """Its syntax."""
        return self.profile.parse(self.text)

    @cached_property
    def named(self) -> list[Node]:
        """Definitions and keys as they stand in the text, and what is around before what is inside.

        One query for both: to compile one takes as long as to ask it ten times.
        """
        kinds = self.profile.definitions | self.profile.keys
        found = self.profile.of_types("named", kinds, self.tree.root_node) if kinds else []
        return sorted(found, key=lambda node: (node.start_byte, -node.end_byte))
