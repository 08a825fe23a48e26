"""The shape of a conversation: every edit and every new answer is a branch, and nothing is overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A message as far as the tree is concerned. Sequences of nodes are in the order they were written."""

    id: str
    parent_id: str | None
    deleted: bool = False


def visible_nodes(nodes: Sequence[Node]) -> list[Node]:
    """Leave out deleted nodes and all below them."""
    hidden: set[str | None] = set()
    shown = []
    for node in nodes:
        if node.deleted or node.parent_id in hidden:
            hidden.add(node.id)
        else:
            shown.append(node)
    return shown


def path_to(nodes: Sequence[Node], leaf: str | None) -> list[str]:
    """Return the ids from the first message down to *leaf*."""
    parents = {node.id: node.parent_id for node in nodes}
    path: list[str] = []
    while leaf in parents:
        path.append(leaf)
        leaf = parents[leaf]
    return path[::-1]


def newest_leaf(nodes: Sequence[Node], top: str) -> str:
    """Return the newest node below *top*, which has no children, as they would be newer; else *top*."""
    below = {top}
    newest = top
    for node in nodes:
        if node.parent_id in below:
            below.add(node.id)
            newest = node.id
    return newest


def siblings(nodes: Sequence[Node]) -> dict[str, list[str]]:
    """Map each id to the ids of all answers to the same message, itself included, oldest first."""
    families: dict[str | None, list[str]] = {}
    for node in nodes:
        families.setdefault(node.parent_id, []).append(node.id)
    return {node.id: families[node.parent_id] for node in nodes}


def leaf_after_delete(nodes: Sequence[Node], leaf: str | None, gone: str) -> str | None:
    """Return where to stand when *gone* and all below it disappear from under *leaf*.

    That is the newest other answer to the same message, else that message itself.
    """
    if gone not in path_to(nodes, leaf):
        return leaf
    others = [other for other in siblings(nodes)[gone] if other != gone]
    parent = next(node.parent_id for node in nodes if node.id == gone)
    return newest_leaf(nodes, others[-1]) if others else parent
