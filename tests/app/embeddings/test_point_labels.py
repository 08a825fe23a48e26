"""The labels of a map: none covers another, and each that has room is shown."""

from hypothesis import given
from hypothesis import strategies as st

from components.embeddings.point_labels import PLACES, WIDTHS, place_labels

COORDINATES = st.floats(-1, 1, allow_nan=False, width=32)
POINTS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=20)


def test_places_the_labels_of_distant_points_beside_them() -> None:
    assert place_labels([(0, 0), (0.5, 1), (1, 0.5)], ["one", "two", "three"], 520) == [
        "right",
        "right",
        "left",
    ]


def test_gives_points_at_the_same_place_different_labels_places() -> None:
    places = place_labels([(0, 0), (0.5, 0.5), (0.5, 0.5), (1, 1)], ["a", "b", "c", "d"], 520)

    assert len({places[1], places[2]}) == 2


def test_leaves_out_a_label_without_room() -> None:
    crowd = [(0.5 + number / 1000, 0.5) for number in range(10)]

    places = place_labels([(0, 0), *crowd, (1, 1)], ["가나다라마바사아자차"] * 12, 520)

    assert "" in places[1:-1]


def test_shows_fewer_labels_where_there_is_less_room() -> None:
    points = [(number, number % 3) for number in range(12)]

    shown = [sum(map(bool, place_labels(points, ["a label of the map"] * 12, width))) for width in WIDTHS]

    assert shown == sorted(shown)
    assert shown[0] < shown[-1]


@given(POINTS, st.sampled_from(WIDTHS))
def test_knows_every_place(points: list[tuple[float, float]], width: float) -> None:
    places = place_labels(points, [f"{number} · text" for number in range(len(points))], width)

    assert len(places) == len(points)
    assert {*places} <= {*PLACES, ""}
