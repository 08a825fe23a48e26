"""The tree of a conversation's messages: every edit and every new reply is a branch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A message's place in the tree. Sequences of nodes are in the order in which they were created."""

    id: str
    parent_id: str | None
    deleted: bool = False


def visible_nodes(nodes: Sequence[Node]) -> list[Node]:
    """Leave out deleted nodes and their descendants."""
    hidden: set[str | None] = set()
    visible = []
    for node in nodes:
        if node.deleted or node.parent_id in hidden:
            hidden.add(node.id)
        else:
            visible.append(node)
    return visible


def path_to(nodes: Sequence[Node], leaf: str | None) -> list[str]:
    """Return the ids from the first message down to *leaf*."""
    parents = {node.id: node.parent_id for node in nodes}
    path: list[str] = []
    while leaf in parents:
        path.append(leaf)
        leaf = parents[leaf]
    return path[::-1]


def newest_leaf(nodes: Sequence[Node], root: str) -> str:
    """Return the newest descendant of *root*, or *root* if it has none."""
    subtree = {root}
    newest = root  # always a leaf in the end: a child would be newer than its parent
    for node in nodes:
        if node.parent_id in subtree:
            subtree.add(node.id)
            newest = node.id
    return newest


def siblings(nodes: Sequence[Node]) -> dict[str, list[str]]:
    """Map each id to the ids of all nodes with the same parent, itself included, oldest first."""
    children: dict[str | None, list[str]] = {}
    for node in nodes:
        children.setdefault(node.parent_id, []).append(node.id)
    return {node.id: children[node.parent_id] for node in nodes}


@dataclass(frozen=True, slots=True)
class Version:
    """One of several edits of a question, or of several replies to it; *number* counts from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"version {self.number} of {self.count}"


def versions(siblings_by_id: Mapping[str, Sequence[str]]) -> dict[str, Version]:
    """Return the version of each message that has several, from `siblings`."""
    return {id_: Version(ids.index(id_) + 1, len(ids)) for id_, ids in siblings_by_id.items() if len(ids) > 1}


def leaf_after_delete(nodes: Sequence[Node], leaf: str | None, deleted_id: str) -> str | None:
    """Return the leaf to select when *deleted_id* and its descendants are deleted; *leaf* if it remains.

    Otherwise that is the leaf of the newest sibling of *deleted_id*, else its parent.
    """
    if deleted_id not in path_to(nodes, leaf):
        return leaf
    other_siblings = [sibling for sibling in siblings(nodes)[deleted_id] if sibling != deleted_id]
    parent = next(node.parent_id for node in nodes if node.id == deleted_id)
    return newest_leaf(nodes, other_siblings[-1]) if other_siblings else parent
