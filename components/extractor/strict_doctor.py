"""Strict mode: what it refuses in the schema, corrections with their difference, limits and tokens."""

import streamlit as st

from components.extractor.session import ExtractorSession, extractor_session
from components.session import session
from components.ui.markdown_escape import escape_markdown
from core.errors.types import PlaygroundError
from core.extractor.request import schema_tokens
from core.json_schema.schema import SchemaDocument
from core.json_schema.strict import Finding, check, limits, strict_rules
from core.json_schema.strict_fixes import apply_fixes, schema_diff, to_strict

_MAX_FINDINGS = 30  # each has a button
_DIFF_HEIGHT = 300
_NEAR_LIMIT = 0.5  # from here on, a bar shows how much is used


def strict_doctor() -> None:
    """Draw the findings with a button for each correction."""
    state = extractor_session()
    findings = check(state.document)
    errors = [finding for finding in findings if finding.severity == "error"]
    number = f"{len(errors)} problem{'s' if len(errors) != 1 else ''}"
    label = f"Strict mode: {number if errors else 'ready'}"
    icon = ":material/error:" if errors else ":material/check_circle:"
    with st.expander(
        label, icon=icon, expanded=bool(errors or state.before_fix), key=f"extractor.strict.{state.version}"
    ):
        if not findings:
            st.caption("The API accepts this schema with strict: true, and guarantees that replies match it.")
        for index, finding in enumerate(findings[:_MAX_FINDINGS]):
            _finding(state, finding, index)
        if len(findings) > _MAX_FINDINGS:
            st.caption(f"And {len(findings) - _MAX_FINDINGS:,} more.")
        if any(finding.fix for finding in errors):
            _fix_all(state)
        if state.before_fix:
            before = state.before_fix
            st.caption("Changed by the last correction:")
            st.code(_diff(state, before, state.document), language="diff", height=_DIFF_HEIGHT)
            icon = ":material/undo:"
            st.button("Undo", icon=icon, key="extractor.undo", on_click=state.replace, args=(before,))
        _limit_meters(state.document)


def _finding(state: ExtractorSession, finding: Finding, number: int) -> None:
    icon = ":material/error:" if finding.severity == "error" else ":material/warning:"
    # The name and the limits are of the whole schema.
    place = "" if finding.rule in ("name", "limit") else finding.field.replace("`", "")
    label = f"`{'root' if place == '$' else place}` " if place else ""
    text = f"{icon} {label}{escape_markdown(finding.message)}"
    message, button = st.columns([4, 1], vertical_alignment="center")
    message.markdown(f"{text}  \n:gray[{escape_markdown(finding.fix)}]" if finding.fix else text)
    if finding.fix:
        button.button(
            "Fix",
            key=f"extractor.fix.{number}",
            help=escape_markdown(finding.fix),
            on_click=_apply,
            args=(state, apply_fixes(state.document, [finding])),
        )


def _fix_all(state: ExtractorSession) -> None:
    fixed = state.cache.get_or_compute("strict", state.document, None, lambda: to_strict(state.document))
    with st.container(horizontal=True):
        st.button(
            "Fix all",
            icon=":material/build:",
            type="primary",
            key="extractor.fix_all",
            on_click=_apply,
            args=(state, fixed),
        )
        with st.popover("Preview", icon=":material/difference:"):
            st.code(_diff(state, state.document, fixed), language="diff", height=_DIFF_HEIGHT)


def _apply(state: ExtractorSession, fixed: SchemaDocument) -> None:
    state.replace(fixed, before_fix=state.document)


def _diff(state: ExtractorSession, before: SchemaDocument, after: SchemaDocument) -> str:
    def compute() -> str:
        return schema_diff(before.schema, after.schema)

    return state.cache.get_or_compute(("diff", before.digest, after.digest), state.document, None, compute)


def _limit_meters(document: SchemaDocument) -> None:
    used = [limit for limit in limits(document.schema) if limit.used]
    texts = {limit: f"{limit.name}: {limit.used:,} of {limit.maximum:,}" for limit in used}
    for limit in used:
        if limit.used >= _NEAR_LIMIT * limit.maximum:
            st.progress(min(1.0, limit.used / limit.maximum), texts[limit])
    if far := [texts[limit] for limit in used if limit.used < _NEAR_LIMIT * limit.maximum]:
        st.caption(" · ".join(far))
    try:
        tokens = schema_tokens(document, session.model() or "")
        st.caption(f"The schema adds about {tokens:,} input tokens to each request (estimated).")
    except PlaygroundError as error:
        st.caption(escape_markdown(str(error)))
    rules = strict_rules()
    st.caption(f"Limits as of {rules.as_of}. Source: {escape_markdown(rules.source)}.")
