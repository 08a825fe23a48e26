"""Other ways to a schema: its name, a sample of the JSON, a description for the model."""

import streamlit as st

from components.extractor.session import API_KEY, extractor_session
from components.session import session
from components.ui.api_control import selected_api
from components.ui.error_card import error_card
from core.apis import APIS
from core.calls import new_run
from core.completions.request import ChatSettings
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.extractor.results.outcome import outcome_of
from core.extractor.schemas.generation import FIELD_LIST, generated_document, generation_params
from core.extractor.schemas.inference import infer_schema
from core.json_schema.schema import SchemaDocument
from core.runs import event_loop

_TIMEOUT = 120.0  # seconds that the page waits for a generated schema


def schema_name() -> None:
    """Draw the name of the schema, which the request contains."""
    state = extractor_session()
    key = f"extractor.name.{state.version}"

    def rename() -> None:
        name = str(session.widget_value(key)).strip()
        if name:
            state.replace(SchemaDocument(name, state.document.schema))

    st.text_input("Name", state.document.name, key=key, max_chars=64, on_change=rename)


def infer_from_sample() -> None:
    """Draw a field for sample JSON, from which the schema is inferred."""
    sample = st.text_area(
        "Sample JSON", key="extractor.sample", height=140, placeholder='{"name": "Ada", "age": 36}'
    )
    st.caption(
        "One object, or a list of objects. Strict mode has no optional fields: one that some of the objects "
        "lack becomes required, and its value may be null."
    )
    if st.button("Infer schema", icon=":material/auto_fix_high:", disabled=not sample, key="extractor.infer"):
        try:
            document = SchemaDocument(extractor_session().document.name, infer_schema(sample))
        except PlaygroundError as error:
            error_card(explain(error))
            return
        extractor_session().replace(document)
        st.rerun()


def generate_from_description() -> None:
    """Draw a description, from which the model generates the schema."""
    description = st.text_area(
        "Description of the object",
        key="extractor.description",
        height=80,
        placeholder="A job offer with title, company, salary range and required skills",
        max_chars=4_000,
    )
    label, icon = "Generate schema", ":material/auto_awesome:"
    # Rules cannot design a schema.
    is_sandbox = session.profile().kind == "sandbox"
    help_text = "The sandbox cannot generate a schema: it has no model." if is_sandbox else None
    is_disabled = is_sandbox or not description.strip()
    if st.button(label, icon=icon, disabled=is_disabled, help=help_text, key="extractor.generate"):
        try:
            with st.spinner("Generating the schema"):
                document = _generate(description)
        except PlaygroundError as error:
            error_card(explain(error))
            return
        extractor_session().replace(document)
        st.rerun()


def _generate(description: str) -> SchemaDocument:
    """Return the generated schema. Raises PlaygroundError if the request fails or the reply is unusable."""
    profile, api = session.profile(), APIS[selected_api(API_KEY)]
    settings = ChatSettings(model=session.model() or "", api=api.name, stream=False)
    run = new_run("extractor", api.endpoint, generation_params(description, settings), profile)
    call = session.live_session().calls.run(run, api.new_call(), profile)
    try:
        ended = event_loop.run_until_complete(call, _TIMEOUT)
    except TimeoutError:
        hint = "Try again, or choose a faster model."
        raise PlaygroundError("The schema was not generated in time.", hint) from None
    if ended.error:
        raise PlaygroundError(ended.error.title, ended.error.hint, detail=ended.error.detail)
    return generated_document(outcome_of(ended, FIELD_LIST.schema).value)
