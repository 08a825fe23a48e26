"""The tree of a conversation's messages."""

from hypothesis import given
from hypothesis import strategies as st

from core.conversations.message_tree import (
    Node,
    leaf_after_delete,
    newest_leaf,
    path_to,
    siblings,
    visible_nodes,
)

NODES = [
    Node("question", None),
    Node("first", "question"),
    Node("second", "question"),
    Node("more", "first"),
    Node("last", "more"),
]


@st.composite
def trees(draw: st.DrawFn) -> list[Node]:
    """Generate trees of up to 12 messages, in which parents precede their children."""
    parents = [draw(st.none() | st.integers(0, index - 1)) if index else None for index in range(12)]
    size = draw(st.integers(1, 12))
    return [
        Node(str(index), None if parent is None else str(parent), draw(st.booleans()))
        for index, parent in enumerate(parents[:size])
    ]


def test_returns_the_path_from_the_first_message() -> None:
    assert path_to(NODES, "last") == ["question", "first", "more", "last"]


def test_returns_no_path_without_a_leaf() -> None:
    assert path_to(NODES, None) == []


def test_finds_the_newest_leaf() -> None:
    assert newest_leaf(NODES, "first") == "last"
    assert newest_leaf(NODES, "second") == "second"


def test_returns_siblings() -> None:
    assert siblings(NODES)["first"] == ["first", "second"]


def test_moves_to_a_sibling_of_the_deleted_message() -> None:
    assert leaf_after_delete(NODES, "last", "first") == "second"


def test_moves_to_the_parent_without_a_sibling() -> None:
    assert leaf_after_delete(NODES, "last", "more") == "first"


def test_keeps_the_leaf_when_another_branch_is_deleted() -> None:
    assert leaf_after_delete(NODES, "last", "second") == "last"


def test_returns_no_leaf_when_the_only_first_message_is_deleted() -> None:
    assert leaf_after_delete(NODES, "last", "question") is None


@given(trees())
def test_hides_exactly_deleted_messages_and_their_descendants(nodes: list[Node]) -> None:
    deleted = {node.id for node in nodes if node.deleted}
    visible = {node.id for node in visible_nodes(nodes)}

    assert visible == {node.id for node in nodes if not deleted & set(path_to(nodes, node.id))}


@given(trees())
def test_returns_a_leaf_without_children(nodes: list[Node]) -> None:
    for node in nodes:
        leaf = newest_leaf(nodes, node.id)
        assert node.id in path_to(nodes, leaf)
        assert all(child.parent_id != leaf for child in nodes)


@given(trees())
def test_never_selects_a_deleted_message(nodes: list[Node]) -> None:
    leaf = newest_leaf(nodes, nodes[0].id)
    for node in nodes:
        assert node.id not in path_to(nodes, leaf_after_delete(nodes, leaf, node.id))
