"""What the model sees of the images, and what that takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from components.session import session
from components.ui.formatting import format_dollars
from components.ui.markdown_escape import escape_markdown
from components.vision.images import Album, AlbumImage
from core.images import overlay
from core.images.tokens import Detail, ImageLayout, formula_for, formula_source
from core.models.catalog import get_model, model_families
from core.vision import request as vision_request
from core.vision.request import ImageCost

_KEY = "vision.sight"


@dataclass(frozen=True, slots=True)
class SendOptions:
    """How the ticked images go: at what *detail*, and with no side longer than *longest* pixels."""

    detail: Detail
    max_side: int | None


def send_options(items: Sequence[AlbumImage], model: str) -> SendOptions:
    """Draw the choice of detail and of a smaller size."""
    details = formula_for(model).details
    with st.container(horizontal=True, vertical_alignment="bottom"):
        detail = st.segmented_control(
            "Detail", details, default="auto", required=True, key=f"{_KEY}.detail", persist_state="session"
        )
        if detail not in details:
            detail = "auto"
        longest = _downscale(items, model, detail)
    st.caption(vision_request.describe_detail(model, detail))
    return SendOptions(detail, longest)


def _downscale(items: Sequence[AlbumImage], model: str, detail: Detail) -> int | None:
    found = vision_request.estimate_by_max_side(
        [item.source for item in items], model, detail, datetime.now(UTC)
    )
    whole = found[None].tokens

    def label(longest: int) -> str:
        if not longest:
            return "No"
        saved = 100 * (whole - found[longest].tokens) / whole if whole else 0
        return f"{longest:,} px · " + (
            f"{saved:.0f} % fewer tokens" if saved >= 1 else "same tokens, less to upload"
        )

    chosen = st.selectbox(
        "Downscale",
        [longest or 0 for longest in found],
        format_func=label,
        key=f"{_KEY}.longest",
        help="The longest side before sending. Smaller images upload faster and, at high detail, cost less.",
    )
    return chosen or None


def select_newest(found: Album) -> None:
    """Show what was added last, when the page is drawn the next time."""
    if found.images:
        session.set_widget_value(f"{_KEY}.shown", found.images[-1].id)


def image_preview(found: Album, items: Sequence[AlbumImage], model: str, sending: SendOptions) -> None:
    """Draw one image as the model gets it, under its grid, and the tokens of all."""
    if not items:
        st.caption("Tick an image to see it as the model does.")
        return
    picture, details, models = st.tabs(["What the model sees", "By detail", "By model"])
    with picture:
        _picture(found, items, model, sending)
    with details:
        _by_detail(items, model, sending)
    with models:
        _by_model(items, model, sending)


def _picture(found: Album, items: Sequence[AlbumImage], model: str, sending: SendOptions) -> None:
    item = _picked(items)
    seen = vision_request.layout_for(model, item.source, sending.detail, sending.max_side)
    if drawing := found.overlay(item, seen):
        with st.container(key=f"{_KEY}.picture"):
            st.image(drawing, alt=f"{item.name} as {model} sees it, with its grid", width="stretch")
    else:
        st.info(
            "An image behind a URL is fetched by the API. Its size is unknown, so 1024 × 1024 is assumed."
        )
    st.markdown(_in_words(item, seen, model))


def _picked(items: Sequence[AlbumImage]) -> AlbumImage:
    if len(items) == 1:
        return items[0]
    by_id = {item.id: item for item in items}
    if session.widget_value(f"{_KEY}.shown") not in by_id:
        session.set_widget_value(f"{_KEY}.shown", items[-1].id)
    chosen = st.selectbox(
        "Show",
        list(by_id),
        format_func=lambda item_id: by_id[item_id].name,
        key=f"{_KEY}.shown",
        label_visibility="collapsed",
    )
    return by_id[chosen]


def _in_words(item: AlbumImage, seen: ImageLayout, model: str) -> str:
    formula = formula_for(model)
    size = f"**{escape_markdown(item.name)}** becomes {seen.width:,} × {seen.height:,} px"
    kind = "tiles of 512 px" if formula.method == "tile" else "patches of 32 px"
    grid = f": {seen.columns} × {seen.rows} {kind} = {seen.cells:,}" if seen.cells else ""
    apart = overlay.grid_spacing(seen, 1024)
    fewer = f" One square of the grid is {apart} × {apart} of them." if apart > 1 else ""
    if seen.exceeds_patch_limit:
        return f"{size}{grid}. :red[**The API refuses it**]: choose high, or a smaller size."
    return f"{size}{grid}, **{seen.tokens:,} tokens**.{fewer}"


def _by_detail(items: Sequence[AlbumImage], model: str, sending: SendOptions) -> None:
    sizes = [vision_request.sent_size(item.source, sending.max_side) for item in items]
    readings = vision_request.estimate_by_detail(sizes, model, datetime.now(UTC))
    many = f" of all {len(items)} images" if len(items) > 1 else ""
    st.caption(
        f"By detail{many}, for {escape_markdown(model)}. Estimated; the price is the list price of input."
    )
    st.table([_row(one, "Detail", one.detail) for one in readings], border="horizontal", hide_index=True)
    formula = formula_for(model)
    st.caption(f"{'Assumed' if formula.assumed else 'Source'}: {formula_source(formula)}.")


def _row(one: ImageCost, head: str, name: str) -> dict[str, Any]:
    return {
        head: name,
        "Tokens": f"{one.tokens:,}" if not one.over_patch_limit else "refused",
        "Cost": _money(one.cost) if not one.over_patch_limit else "–",
        "1,000 times": _money(one.cost * 1000 if one.cost is not None else None)
        if not one.over_patch_limit
        else "–",
    }


def _money(cost: Decimal | None) -> str:
    return "unknown" if cost is None else format_dollars(cost)


def _by_model(items: Sequence[AlbumImage], model: str, sending: SendOptions) -> None:
    sizes = [vision_request.sent_size(item.source, sending.max_side) for item in items]
    names = vision_models() if model in vision_models() else [model, *vision_models()]
    readings = vision_request.estimate_by_model(sizes, names, sending.detail, datetime.now(UTC))
    st.caption(f"At detail {sending.detail}, the cheapest first. ≈ marks an assumed formula.")
    rows = [_row(one, "Model", f"{'≈ ' if one.assumed else ''}{one.model}") for one in readings]
    st.dataframe(rows, hide_index=True, width="stretch", height=320, alt="Tokens and cost by model")


def vision_models() -> list[str]:
    """The models that take images: those the server lists, or all of the table's that are open."""
    today = datetime.now(UTC).date()
    live = session.connection().models
    names = [
        model.id
        for model in model_families()
        if model.supports_images and not (model.shutdown and model.shutdown <= today)
    ]
    return [name for name in names if name in live] or names if live else names


def warn_if_no_image_support(model: str) -> None:
    """Say so where *model* is known not to take images."""
    if model and not get_model(model).supports_images:
        st.warning(f"{escape_markdown(model)} does not take images. Choose another model in the sidebar.")
