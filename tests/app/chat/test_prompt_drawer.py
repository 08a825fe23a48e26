"""The prompt drawer on the Chat page, and the conversion between a prompt's parameters and the controls."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.chat.parameter_codec import to_controls
from components.runtime import resources
from components.shell.example_prompts import example_prompts
from core.conversations.repository import ConversationRepository
from core.prompts.prompts import Prompt, PromptMessage, presets, prompts_to_json
from core.prompts.repository import PromptRepository
from tests.app.conftest import OpenPage, select_model


@pytest.fixture
def chat(open_page: OpenPage) -> AppTest:
    return open_page("chat")


@pytest.fixture
def saved() -> PromptRepository:
    return PromptRepository(resources.store())


def prompt(name: str = "Greet", *contents: str, **params: Any) -> Prompt:
    """Return a prompt with instructions, then user and assistant messages in turn."""
    roles = ("system", "user", "assistant", "user")
    messages = [
        PromptMessage.model_validate({"role": role, "content": text})
        for role, text in zip(roles, contents or ("Be kind.", "Hello {{who}}"), strict=False)
    ]
    return Prompt(name=name, messages=tuple(messages), params=params, variables={"who": "Ada"})


def open_drawer(app: AppTest, source: str = "", name: str = "") -> AppTest:
    app.button(key="prompts.drawer").click().run()
    if source:
        app.button_group(key="prompts.source").set_value(source)
        app.button(key="prompts.drawer").click().run()
    if name:
        app.button(key=f"prompts.select.{source}.{name}").click().run()
        app.button(key="prompts.drawer").click().run()
    assert not app.exception
    return app


def use_prompt(app: AppTest, key: str = "prompts.saved.use") -> AppTest:
    return app.button(key=key).click().run()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_shows_the_presets_of_a_language(chat: AppTest, language: str) -> None:
    drawer = open_drawer(chat, language)

    shown = [b.key for b in drawer.button if str(b.key).startswith("prompts.select.")]
    assert shown == [f"prompts.select.{language}.{p.name}" for p in presets() if p.language == language]


def test_applies_a_prompt_without_sending_it(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt(temperature=1))
    drawer = open_drawer(chat, "saved", "Greet")
    drawer.text_input(key="prompts.saved.Greet.who").set_value("Grace")

    use_prompt(drawer)

    assert chat.session_state["chat.instructions"] == "Be kind."
    assert chat.session_state["chat.temperature"] == 1.0
    assert chat.session_state["draft"]["text"] == "Hello Grace"
    assert ConversationRepository(resources.store()).list() == []


def test_clears_what_a_prompt_set_in_a_new_conversation_but_no_change_of_the_user(
    chat: AppTest, saved: PromptRepository
) -> None:
    select_model(chat, "gpt-4o-mini")  # to which a temperature is sent
    saved.save(prompt(temperature=1, seed=3))
    use_prompt(open_drawer(chat, "saved", "Greet"))
    chat.session_state["chat.seed"] = 7
    chat.run()
    assert chips(chat) == {"chat.open_instructions", "chat.clear.temperature", "chat.clear.seed"}

    chat.button(key="conversations.new").click().run()

    assert chat.session_state["chat.instructions"] == ""
    assert chat.session_state["chat.temperature"] is None
    assert chat.session_state["chat.seed"] == 7
    assert chips(chat) == {"chat.open_instructions", "chat.clear.seed"}
    assert chat.button(key="chat.open_instructions").label == "Add instructions"


def test_clears_what_a_prompt_set_when_home_sends_an_example(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt(temperature=1))
    use_prompt(open_drawer(chat, "saved", "Greet"))

    home = chat.switch_page("../pages/home.py").run()
    next(button for button in home.button if button.label == "Explain streaming").click().run()

    assert chat.session_state["chat.instructions"] == ""
    assert chat.session_state["chat.temperature"] is None


def chips(chat: AppTest) -> set[str]:
    """The keys of the buttons that show the instructions and the parameters that are set."""
    keys = {button.key for button in chat.main.button if button.key}
    return {key for key in keys if key.startswith(("chat.open_instructions", "chat.clear."))}


def test_resets_a_parameter_by_its_chip(chat: AppTest) -> None:
    select_model(chat, "gpt-4o-mini")
    chat.session_state["chat.temperature"] = 0.2
    chat.session_state["chat.seed"] = 7
    chat.run()

    chat.button(key="chat.clear.temperature").click().run()

    assert chat.session_state["chat.temperature"] is None
    assert chips(chat) == {"chat.open_instructions", "chat.clear.seed"}


def test_resets_parameters_that_the_prompt_does_not_set(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt())
    chat.session_state["chat.seed"] = 7
    chat.run()

    use_prompt(open_drawer(chat, "saved", "Greet"))

    assert chat.session_state["chat.seed"] is None


def test_starts_a_conversation_with_the_example_messages(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt("Shout", "Shout.", "hi", "HI", "bye"))

    use_prompt(open_drawer(chat, "saved", "Shout"), "prompts.saved.use_in_new")

    [conversation] = ConversationRepository(resources.store()).list()
    assert [m.text for m in ConversationRepository(resources.store()).branch(conversation.id)] == ["hi", "HI"]
    assert chat.query_params["c"] == conversation.id
    assert chat.session_state["draft"]["text"] == "bye"


def test_lists_missing_and_unused_variables(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt("Ask", "Be kind.", "About {{topic}}"))

    drawer = open_drawer(chat, "saved", "Ask")

    assert "topic" in drawer.warning[0].value
    assert any("not used: who" in caption.value for caption in drawer.caption)


def test_lists_parameters_without_a_control(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt(modalities=["text"]))

    assert any("left out: modalities" in c.value for c in open_drawer(chat, "saved", "Greet").caption)


def open_form(chat: AppTest) -> AppTest:
    open_drawer(chat).button(key="prompts.start_saving").click().run()
    return open_drawer(chat)


def save_prompt(drawer: AppTest) -> AppTest:
    return next(b for b in drawer.button if b.label == "Save prompt").click().run()


def test_saves_the_instructions_and_parameters_of_the_chat(chat: AppTest, saved: PromptRepository) -> None:
    chat.session_state["chat.instructions"] = "Be brief."
    chat.session_state["chat.seed"] = 7
    chat.session_state["chat.response_format"] = "json_object"
    chat.run()
    drawer = open_form(chat)
    drawer.text_input(key="prompt_form.name").set_value("Brief")
    drawer.text_area(key="prompt_form.message").set_value("As JSON: {{text}}")
    save_prompt(drawer)

    result = saved.get("Brief")
    assert result
    assert [(m.role, m.content) for m in result.messages] == [
        ("system", "Be brief."),
        ("user", "As JSON: {{text}}"),
    ]
    assert result.params == {"seed": 7, "response_format": {"type": "json_object"}}


def test_requires_a_name(chat: AppTest, saved: PromptRepository) -> None:
    drawer = open_form(chat)
    save_prompt(drawer)

    assert saved.list() == []
    assert "Enter a name." in [caption.value for caption in open_drawer(drawer).caption]


def test_restores_a_replaced_prompt(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt("Brief", "Old."))
    chat.session_state["chat.instructions"] = "New."
    chat.run()
    drawer = open_form(chat)
    drawer.text_input(key="prompt_form.name").set_value("Brief")
    open_drawer(save_prompt(drawer)).button(key="prompts.undo").click().run()

    result = saved.get("Brief")
    assert result
    assert result.messages[0].content == "Old."


def test_restores_a_deleted_prompt(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt())
    open_drawer(chat, "saved", "Greet").button(key="prompts.delete").click().run()
    assert saved.list() == []

    open_drawer(chat).button(key="prompts.undo").click().run()

    assert [p.name for p in saved.list()] == ["Greet"]


def import_file(chat: AppTest, text: str) -> AppTest:
    open_drawer(chat, "saved").file_uploader[0].set_value(("prompts.json", text.encode(), "application/json"))
    return open_drawer(chat)


def test_imports_an_exported_file(chat: AppTest, saved: PromptRepository) -> None:
    import_file(chat, prompts_to_json([prompt("One"), prompt("Two")]))

    assert [p.name for p in saved.list()] == ["One", "Two"]


def test_reports_the_line_of_a_malformed_file_and_saves_nothing(
    chat: AppTest, saved: PromptRepository
) -> None:
    broken = prompts_to_json([prompt()]).replace('"name": "Greet"', '"name": ""')

    drawer = import_file(chat, broken)

    assert "**Line 6**" in drawer.error[0].value
    assert saved.list() == []


CONVERTIBLE: list[tuple[str, Any, Any]] = [
    ("temperature", 0, 0.0),
    ("max_completion_tokens", 100.0, 100),
    ("reasoning_effort", "low", "low"),
    ("stop", "END", ["END"]),
    ("response_format", {"type": "json_object"}, "json_object"),
    ("logit_bias", {"1734": -100}, '{"1734": -100}'),
    ("prompt_cache_key", "a", "a"),
]


@pytest.mark.parametrize(
    ("name", "value", "widget_value"), CONVERTIBLE, ids=[name for name, _, _ in CONVERTIBLE]
)
def test_converts_a_parameter_to_its_widget_value(name: str, value: Any, widget_value: Any) -> None:
    assert to_controls({name: value}) == ({f"chat.{name}": widget_value}, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 2.5),
        ("temperature", True),
        ("temperature", "hot"),
        ("seed", 1.5),
        ("reasoning_effort", "heroic"),
        ("stop", ["a", "b", "c", "d", "e"]),
        ("stop", 3),
        ("response_format", {"type": "json_schema", "json_schema": {}}),
        ("service_tier", ["flex"]),
        ("reasoning_effort", ["low"]),
        ("logit_bias", {"1734": "much"}),
        ("metadata", ["a"]),
    ],
    ids=str,
)
def test_leaves_out_parameters_that_no_control_can_hold(name: str, value: Any) -> None:
    assert to_controls({name: value}) == ({}, [name])


def test_offers_four_examples_one_of_them_korean() -> None:
    assert len(example_prompts()) == 4
    assert any("가" <= letter <= "힣" for example in example_prompts() for letter in example["prompt"])


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_has_a_control_for_every_parameter_of_the_presets(preset: Prompt) -> None:
    assert to_controls(preset.params)[1] == []
