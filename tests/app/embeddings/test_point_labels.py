"""The labels of a map: none covers another, and each that has room is shown."""

from hypothesis import given
from hypothesis import strategies as st

from components.embeddings.point_labels import PLACES, place_labels

COORDINATES = st.floats(-1, 1, allow_nan=False, width=32)
POINTS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=20)


def test_places_the_labels_of_distant_points_beside_them() -> None:
    assert place_labels([(0, 0), (0.5, 1), (1, 0.5)], ["one", "two", "three"]) == ["right", "right", "left"]


def test_gives_points_at_the_same_place_different_labels_places() -> None:
    places = place_labels([(0, 0), (0.5, 0.5), (0.5, 0.5), (1, 1)], ["a", "b", "c", "d"])

    assert len({places[1], places[2]}) == 2


def test_leaves_out_a_label_without_room() -> None:
    crowd = [(0.5 + number / 1000, 0.5) for number in range(10)]

    places = place_labels([(0, 0), *crowd, (1, 1)], ["가나다라마바사아자차"] * 12)

    assert "" in places[1:-1]


@given(POINTS)
def test_knows_every_place(points: list[tuple[float, float]]) -> None:
    places = place_labels(points, [f"{number} · text" for number in range(len(points))])

    assert len(places) == len(points)
    assert {*places} <= {*PLACES, ""}
