"""How the model sees the images, and how many tokens they take."""

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
from core.images.tokens import Detail, formula_for, formula_source
from core.models.catalog import get_model, model_families
from core.vision import request as vision_request
from core.vision.request import ImageCost

_KEY = "vision.preview"


@dataclass(frozen=True, slots=True)
class SendOptions:
    """How the selected images are sent: with *detail*, and downscaled to *max_side* pixels."""

    detail: Detail
    max_side: int | None


def send_options(images: Sequence[AlbumImage], model: str) -> SendOptions:
    """Draw the controls for detail and downscaling."""
    details = formula_for(model).details
    with st.container(horizontal=True, vertical_alignment="bottom"):
        detail = st.segmented_control(
            "Detail", details, default="auto", required=True, key=f"{_KEY}.detail", persist_state="session"
        )
        # The choice outlives a change of model, and the new one may not support it.
        if detail not in details:
            detail = "auto"
        max_side = _downscale_select(images, model, detail)
    st.caption(vision_request.describe_detail(model, detail))
    return SendOptions(detail, max_side)


def _downscale_select(images: Sequence[AlbumImage], model: str, detail: Detail) -> int | None:
    sources = [image.source for image in images]
    costs = vision_request.estimate_by_max_side(sources, model, detail, datetime.now(UTC))
    original_tokens = costs[None].tokens

    def label(max_side: int) -> str:
        if not max_side:
            return "No"
        saved = original_tokens - costs[max_side].tokens
        percent = 100 * saved / original_tokens if original_tokens else 0
        effect = f"{percent:.0f} % fewer tokens" if percent >= 1 else "same tokens, smaller upload"
        return f"{max_side:,} px · {effect}"

    selected = st.selectbox(
        "Downscale",
        [max_side or 0 for max_side in costs],  # None would be no selection
        format_func=label,
        key=f"{_KEY}.max_side",
        help="The longest side before sending. Smaller images upload faster and, at high detail, cost less.",
    )
    return selected or None


def select_newest(album: Album) -> None:
    """Select the newest image for the next run of the page."""
    if album.images:
        session.set_widget_value(f"{_KEY}.selected", album.images[-1].id)


def image_preview(album: Album, images: Sequence[AlbumImage], model: str, options: SendOptions) -> None:
    """Draw one image as the model sees it, with its grid, and the tokens of all images."""
    if not images:
        st.caption("Select an image to see it as the model does.")
        return
    view_tab, detail_tab, model_tab = st.tabs(["What the model sees", "By detail", "By model"])
    sizes = [vision_request.sent_size(image.source, options.max_side) for image in images]
    now = datetime.now(UTC)
    with view_tab:
        _model_view(album, images, model, options)
    with detail_tab:
        count = f", all {len(images)} images" if len(images) > 1 else ""
        st.caption(f"Estimate for {escape_markdown(model)}{count}, at the list price of input tokens.")
        costs = vision_request.estimate_by_detail(sizes, model, now)
        rows = [_cost_row(cost, "Detail", cost.detail) for cost in costs]
        st.table(rows, border="horizontal", hide_index=True)
        formula = formula_for(model)
        st.caption(f"{'Assumed' if formula.assumed else 'Source'}: {formula_source(formula)}.")
    with model_tab:
        st.caption(f"At detail {options.detail}, cheapest first. ≈ marks an assumed formula.")
        models = vision_models() if model in vision_models() else [model, *vision_models()]
        costs = vision_request.estimate_by_model(sizes, models, options.detail, now)
        rows = [_cost_row(cost, "Model", f"{'≈ ' if cost.assumed else ''}{cost.model}") for cost in costs]
        st.dataframe(rows, hide_index=True, width="stretch", height=320, alt="Tokens and cost by model")


def _model_view(album: Album, images: Sequence[AlbumImage], model: str, options: SendOptions) -> None:
    image = images[0]
    if len(images) > 1:
        by_id = {image.id: image for image in images}
        # Streamlit would select the first image; the newest is the one that was just added.
        if session.widget_value(f"{_KEY}.selected") not in by_id:
            session.set_widget_value(f"{_KEY}.selected", images[-1].id)
        selected = st.selectbox(
            "Show",
            list(by_id),
            format_func=lambda image_id: by_id[image_id].name,
            key=f"{_KEY}.selected",
            label_visibility="collapsed",
        )
        image = by_id[selected]
    layout = vision_request.layout_for(model, image.source, options.detail, options.max_side)
    if drawing := album.overlay(image, layout):
        with st.container(key=f"{_KEY}.image"):
            st.image(drawing, alt=f"{image.name} as {model} sees it, with its grid", width="stretch")
    else:
        st.info("The API downloads this image. Its size is unknown, so 1024 × 1024 px is assumed.")
    size = f"**{escape_markdown(image.name)}**: {layout.width:,} × {layout.height:,} px"
    cells = "tiles of 512 px" if formula_for(model).method == "tile" else "patches of 32 px"
    grid = f", {layout.columns} × {layout.rows} = {layout.cells:,} {cells}" if layout.cells else ""
    if layout.exceeds_patch_limit:
        st.markdown(f"{size}{grid}. :red[**The API rejects this image**]: choose high, or a smaller size.")
        return
    spacing = overlay.grid_spacing(layout, 1024)
    scale = f" One square of the grid is {spacing} × {spacing} of them." if spacing > 1 else ""
    st.markdown(f"{size}{grid}, **{layout.tokens:,} tokens**.{scale}")


def _cost_row(cost: ImageCost, label: str, name: str) -> dict[str, Any]:
    if cost.over_patch_limit:
        return {label: name, "Tokens": "rejected", "Cost": "–", "1,000 requests": "–"}
    thousand = cost.cost * 1000 if cost.cost is not None else None
    return {
        label: name,
        "Tokens": f"{cost.tokens:,}",
        "Cost": _format_cost(cost.cost),
        "1,000 requests": _format_cost(thousand),
    }


def _format_cost(cost: Decimal | None) -> str:
    return "not available" if cost is None else format_dollars(cost)


def vision_models() -> list[str]:
    """Return the models that support images: those that the server lists, or all active ones."""
    today = datetime.now(UTC).date()
    listed = session.connection().models
    names = [
        model.id
        for model in model_families()
        if model.supports_images and not (model.shutdown and model.shutdown <= today)
    ]
    # A server with none of these ids has models that the catalog does not have.
    return [name for name in names if name in listed] or names if listed else names


def warn_if_no_image_support(model: str) -> None:
    """Draw a warning if *model* is known not to support images."""
    if model and not get_model(model).supports_images:
        st.warning(f"{escape_markdown(model)} does not support images. Choose another model in the sidebar.")
