"""Conditions and types joined by one operator: what each side adds to ``a && b`` holds beside what the other adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tree_sitter import Node

from anvcs.merge.items import WORDS


class Operand(NamedTuple):
    """One of what an operator joins."""

    lead: bytes
    """What stands between it and the one before, the operator with it."""
    text: bytes

    @property
    def norm(self) -> list[bytes]:
        """Its tokens."""
        return WORDS.findall(self.text)


Chains = Mapping[str, frozenset[bytes]]
"""Types of nodes that join two parts, with the operators that may join more."""
Place = tuple[bytes, Node]
"""A node, and before it the text that it is of."""


def merge_chains(chains: Chains, base: Place, left: Place, right: Place) -> bytes | None:
    """The chain with what both sides added behind an operand of the base; None where a side did anything else."""
    operators = {_operator(chains, *side) for side in (left, right)}
    operator = operators.pop()
    if operator is None or operators:
        return None
    of_base, of_left, of_right = (_operands(chains, operator, *side) for side in (base, left, right))
    on_left, on_right = _added(of_base, of_left), _added(of_base, of_right)
    if on_left is None or on_right is None:
        return None
    new = {id(operand) for run in on_left for operand in run}
    kept = [operand for operand in of_left if id(operand) not in new]
    out = [kept[0].text]
    for place, runs in enumerate(zip(on_left, on_right, strict=True)):
        if place:
            out.append(b"".join(kept[place]))
        # Which side is left must not decide.
        for run in sorted(runs, key=lambda run: [operand.norm for operand in run]):
            out += [b"".join(operand) for operand in run]
    return b"".join(out)


def _operator(chains: Chains, text: bytes, node: Node) -> bytes | None:
    """The operator that joins a node's two parts, if it is one of a chain."""
    if node.child_count != 3 or node.type not in chains:
        return None
    middle = node.children[1]
    operator = text[middle.start_byte : middle.end_byte]
    return operator if operator in chains[node.type] else None


def _operands(chains: Chains, operator: bytes, text: bytes, node: Node) -> list[Operand]:
    found: list[Operand] = []
    nodes: list[Node] = []
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if _operator(chains, text, each) == operator:
            waiting += [each.children[2], each.children[0]]
        else:
            nodes.append(each)
    end = node.start_byte
    for each in nodes:
        found.append(Operand(text[end : each.start_byte], text[each.start_byte : each.end_byte]))
        end = each.end_byte
    return found


def _added(base: Sequence[Operand], side: Sequence[Operand]) -> list[list[Operand]] | None:
    """What a side has behind each operand of the base; None if one of these is missing or no longer comes first."""
    found: list[list[Operand]] = []
    for operand in side:
        if len(found) < len(base) and operand.norm == base[len(found)].norm:
            found.append([])
        elif not found:
            return None
        else:
            found[-1].append(operand)
    return found if len(found) == len(base) else None
