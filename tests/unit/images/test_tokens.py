"""Image tokens are counted as published, for every way in which a family resizes images."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.images.tokens import FORMULAS_FILE, count_image_tokens, formula_for, formula_source
from core.models.catalog import model_families

VISION_MODELS = [model.id for model in model_families() if model.supports_images]
SIDES = st.integers(1, 12_000)

# width, height, then tokens: newest low, high, original; 5.5 original; 5.4 low and 5.2; 4.1-mini.
PATCHES = [
    (1, 1, 2, 2, 2, 2, 2, 2),
    (32, 32, 2, 2, 2, 2, 2, 2),
    (33, 32, 3, 3, 3, 3, 3, 4),
    (256, 256, 77, 77, 77, 77, 77, 104),
    (512, 512, 308, 308, 308, 308, 308, 415),
    (513, 512, 308, 327, 327, 327, 327, 441),
    (768, 768, 308, 692, 692, 692, 692, 934),
    (800, 600, 231, 570, 570, 570, 570, 770),
    (1024, 1024, 308, 1229, 1229, 1229, 1229, 1659),
    (1280, 720, 173, 1104, 1104, 1104, 1104, 1491),
    (1600, 1600, 308, 3000, 3000, 3000, 3000, 4050),
    (1800, 2400, 231, 2942, 5130, 5130, 3687, 4977),
    (1920, 1080, 173, 2448, 2448, 2448, 2448, 3305),
    (2048, 2048, 308, 3000, 4916, 4916, 4916, 6636),
    (2048, 4096, 154, 2458, 9831, 9831, 2458, 3318),
    (2560, 1440, 173, 2765, 4320, 4320, 2765, 3733),
    (3840, 2160, 173, 2765, 9792, 9792, 2765, 3733),
    (4032, 3024, 231, 2942, 14364, 11868, 3687, 4977),
    (6000, 6000, 308, 3000, None, 12000, 4916, 6636),
    (7952, 5304, 212, 2880, None, 11859, 3303, 4459),
    (1425, 21637, 39, 384, None, 2933, 384, 519),
    (10000, 100, 20, 77, 1503, 452, 77, 104),
]
COLUMNS = [
    ("gpt-5.6-luna", "low"),
    ("gpt-5.6-sol", "high"),
    ("gpt-6-luna", "original"),
    ("gpt-5.5", "original"),
    ("gpt-5.4", "low"),
    ("gpt-4.1-mini", "high"),
]
VECTORS = [
    pytest.param(model, detail, row[:2], row[2 + column], id=f"{model} {detail} {row[0]}x{row[1]}")
    for row in PATCHES
    for column, (model, detail) in enumerate(COLUMNS)
]


@pytest.mark.parametrize(("model", "detail", "size", "tokens"), VECTORS)
def test_counts_patches_as_published(
    model: str, detail: str, size: tuple[int, int], tokens: int | None
) -> None:
    layout = formula_for(model).layout(*size, detail)

    assert (None if layout.exceeds_patch_limit else layout.tokens) == tokens


@pytest.mark.parametrize(
    ("model", "detail", "size", "tokens"),
    [
        pytest.param("gpt-5.6-terra", "high", (2752, 1536), 2765, id="an independent table"),
        pytest.param("gpt-5.6-terra", "high", (4800, 2700), 2765, id="an independent table, larger"),
        pytest.param("gpt-5.6-luna", "auto", (4032, 3024), 14364, id="auto of 5.6 is original"),
        pytest.param("gpt-6-astra", "auto", (4032, 3024), 14364, id="auto of 6 is original"),
        pytest.param("gpt-5.5", "auto", (4032, 3024), 11868, id="auto of 5.5 is original"),
        pytest.param("gpt-5.4-mini", "auto", (4032, 3024), 2942, id="auto of 5.4 is high"),
        pytest.param("gpt-5.2", "auto", (2048, 2048), 4916, id="5.2 has one size"),
        pytest.param("gpt-5.2", "low", (2048, 2048), 4916, id="5.2 has one size, also for low"),
        pytest.param("gpt-5-mini", "high", (1024, 1024), 1229, id="5-mini"),
        pytest.param("gpt-5-nano", "high", (1024, 1024), 1536, id="5-nano"),
        pytest.param("o4-mini", "high", (1024, 1024), 1762, id="o4-mini"),
        pytest.param("gpt-4.1-nano", "high", (1024, 1024), 2520, id="4.1-nano"),
        pytest.param("gpt-5-mini", "high", (1800, 2400), 1743, id="5-mini over its budget"),
        pytest.param("gpt-5-nano", "high", (1800, 2400), 2178, id="5-nano over its budget"),
        pytest.param("o4-mini", "high", (1800, 2400), 2498, id="o4-mini over its budget"),
        pytest.param("gpt-4.1-nano", "high", (1800, 2400), 3572, id="4.1-nano over its budget"),
        pytest.param("gpt-5-mini", "high", (1600, 1600), 1826, id="5-mini square"),
        pytest.param("gpt-5-nano", "high", (1600, 1600), 2282, id="5-nano square"),
        pytest.param("o4-mini", "high", (1600, 1600), 2617, id="o4-mini square"),
        pytest.param("gpt-4.1-nano", "high", (1600, 1600), 3742, id="4.1-nano square"),
    ],
)
def test_counts_the_special_cases(model: str, detail: str, size: tuple[int, int], tokens: int) -> None:
    assert count_image_tokens(model, size, detail) == tokens


TILED = {"gpt-4o": (85, 170), "gpt-4o-mini": (2833, 5667), "gpt-5": (70, 140), "o3": (75, 150)}


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        ((1, 1), 1),
        ((512, 512), 1),
        ((513, 512), 2),
        ((768, 768), 4),
        ((800, 600), 4),
        ((1600, 1600), 4),
        ((2048, 2048), 4),
        ((4032, 3024), 4),
        ((10000, 100), 4),
        ((1024, 1024), 4),
        ((1280, 720), 6),
        ((1920, 1080), 6),
        ((3840, 2160), 6),
        ((2048, 4096), 6),
        ((4096, 8192), 6),
    ],
    ids=str,
)
@pytest.mark.parametrize("model", TILED)
def test_counts_tiles_as_published(model: str, size: tuple[int, int], tiles: int) -> None:
    base, each = TILED[model]

    assert count_image_tokens(model, size, "high") == base + each * tiles
    assert count_image_tokens(model, size, "low") == base


@pytest.mark.parametrize(
    ("model", "size", "resized"),
    [
        pytest.param("gpt-5.6-luna", (2048, 2048), (1600, 1600), id="2,500 patches"),
        pytest.param("gpt-5-mini", (1800, 2400), (1056, 1408), id="1,536 patches"),
        pytest.param("gpt-4o", (1024, 1024), (768, 768), id="short side 768"),
        pytest.param("gpt-4o", (2048, 4096), (768, 1536), id="fit, then short side"),
        pytest.param("gpt-4o", (1920, 1080), (1365, 768), id="the longer side is rounded down"),
    ],
)
def test_resizes_as_published(model: str, size: tuple[int, int], resized: tuple[int, int]) -> None:
    layout = formula_for(model).layout(*size, "high")

    assert (layout.width, layout.height) == resized


@given(st.sampled_from(VISION_MODELS), SIDES, SIDES, st.sampled_from(["auto", "low", "high", "original"]))
def test_never_upscales_and_covers_the_image_with_cells(
    model: str, width: int, height: int, detail: str
) -> None:
    layout = formula_for(model).layout(width, height, detail)

    assert 1 <= layout.width <= width
    assert 1 <= layout.height <= height
    assert layout.tokens > 0
    if layout.cells:
        assert layout.columns == math.ceil(layout.width / layout.cell_size)
        assert layout.rows == math.ceil(layout.height / layout.cell_size)


@given(st.sampled_from(VISION_MODELS), SIDES, SIDES)
def test_counts_the_same_tokens_for_a_rotated_image(model: str, width: int, height: int) -> None:
    for detail in ("low", "high", "original"):
        assert count_image_tokens(model, (width, height), detail) == count_image_tokens(
            model, (height, width), detail
        )


@given(st.sampled_from(["gpt-5.6-luna", "gpt-5.4", "gpt-4.1-mini"]), SIDES, SIDES)
def test_stays_within_the_patch_budget(model: str, width: int, height: int) -> None:
    budget = formula_for(model).levels["high"]["budget"]

    assert formula_for(model).layout(width, height, "high").cells <= budget


def test_has_a_formula_for_every_model_with_vision() -> None:
    assert {model for model in VISION_MODELS if formula_for(model) is formula_for("no-such-model")} <= {
        "gpt-6-sol",
        "gpt-6-luna",
        "gpt-6.1-sol",
        "gpt-6.1-terra",
        "gpt-6.2-astra",
        "gpt-6.2-sol",
    }


def test_finds_the_formula_of_a_snapshot() -> None:
    assert formula_for("ft:gpt-4o-2024-08-06:acme::1") is formula_for("gpt-4o")


def test_assumes_the_newest_formula_for_an_unknown_model() -> None:
    formula = formula_for("llava:13b")

    assert formula.assumed
    assert "Not published" in formula_source(formula)


def test_offers_original_only_where_it_is_supported() -> None:
    assert formula_for("gpt-6-luna").details == ("auto", "low", "high", "original")
    assert formula_for("gpt-5.2").details == ("auto", "low", "high")


def test_assumes_a_square_for_an_image_of_unknown_size() -> None:
    assert count_image_tokens("gpt-4o", None, "high") == count_image_tokens("gpt-4o", (1024, 1024), "high")
    assert FORMULAS_FILE.exists()
