"""The settings of one variant of a quick comparison, in a dialog."""

import streamlit as st

from components.compare.comparisons import update_comparison
from components.compare.session import compare_session
from components.compare.variant_form import VariantForm, variant_form
from core.compare.quick.comparison import QuickComparison
from core.compare.variants.variant import Variant


def variant_settings(comparison: QuickComparison) -> None:
    """Draw the settings of the variant that is edited, if there is one. Each change applies at once."""
    state = compare_session()
    variant = next((variant for variant in comparison.variants if variant.id == state.edited), None)
    if variant is None:
        return
    letter = "ABCDEF"[comparison.variants.index(variant)]
    dialog = st.dialog(
        f"Settings of variant {letter}",
        width="medium",
        position="right",
        on_dismiss=lambda: state.edit(None),
    )
    dialog(_draw)(VariantForm(f"compare.settings.{state.edits}"), variant)


def _draw(form: VariantForm, variant: Variant) -> None:
    state = compare_session()
    variant_form(form, variant)
    update_comparison(
        state.comparison_id,
        lambda current: current.with_variant(form.apply(current.variant(variant.id))),
    )
    if st.button("Done", type="primary", key=form.key("done")):
        state.edit(None)
        st.rerun()
