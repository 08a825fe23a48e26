"""The tree of a conversation."""

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

CHAT = [
    Node("question", None),
    Node("first", "question"),
    Node("second", "question"),
    Node("more", "first"),
    Node("last", "more"),
]


@st.composite
def trees(draw: st.DrawFn) -> list[Node]:
    """Trees of up to 12 messages; the parent of each was written before it."""
    parents = [draw(st.none() | st.integers(0, index - 1)) if index else None for index in range(12)]
    size = draw(st.integers(1, 12))
    return [
        Node(str(index), None if parent is None else str(parent), draw(st.booleans()))
        for index, parent in enumerate(parents[:size])
    ]


def test_follows_the_branch_up_to_the_first_message() -> None:
    assert path_to(CHAT, "last") == ["question", "first", "more", "last"]


def test_has_no_path_to_nothing() -> None:
    assert path_to(CHAT, None) == []


def test_goes_down_to_the_newest_message() -> None:
    assert newest_leaf(CHAT, "first") == "last"
    assert newest_leaf(CHAT, "second") == "second"


def test_knows_the_other_answers() -> None:
    assert siblings(CHAT)["first"] == ["first", "second"]


def test_shows_the_other_answer_when_one_disappears() -> None:
    assert leaf_after_delete(CHAT, "last", "first") == "second"


def test_shows_what_came_before_when_there_is_no_other_answer() -> None:
    assert leaf_after_delete(CHAT, "last", "more") == "first"


def test_stays_on_its_branch_when_another_one_disappears() -> None:
    assert leaf_after_delete(CHAT, "last", "second") == "last"


def test_is_empty_without_its_only_first_message() -> None:
    assert leaf_after_delete(CHAT, "last", "question") is None


@given(trees())
def test_hides_exactly_what_is_below_a_deleted_message(nodes: list[Node]) -> None:
    deleted = {node.id for node in nodes if node.deleted}
    shown = {node.id for node in visible_nodes(nodes)}

    assert shown == {node.id for node in nodes if not deleted & set(path_to(nodes, node.id))}


@given(trees())
def test_ends_a_branch_where_nothing_follows(nodes: list[Node]) -> None:
    for node in nodes:
        leaf = newest_leaf(nodes, node.id)
        assert node.id in path_to(nodes, leaf)
        assert all(other.parent_id != leaf for other in nodes)


@given(trees())
def test_never_stands_on_what_disappeared(nodes: list[Node]) -> None:
    leaf = newest_leaf(nodes, nodes[0].id)
    for node in nodes:
        assert node.id not in path_to(nodes, leaf_after_delete(nodes, leaf, node.id))
