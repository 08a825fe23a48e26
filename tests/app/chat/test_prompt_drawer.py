"""The drawer of prompts, worked from the Chat page, and parameters between a prompt and the controls."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.chat.parameter_codec import to_controls
from components.runtime import resources
from components.shell.example_prompts import example_prompts
from core.conversations.repository import ConversationRepository
from core.prompts.prompts import Prompt, PromptMessage, presets, prompts_to_json
from core.prompts.repository import PromptRepository
from tests.app.conftest import OpenPage


@pytest.fixture
def chat(open_page: OpenPage) -> AppTest:
    return open_page("chat")


@pytest.fixture
def saved() -> PromptRepository:
    return PromptRepository(resources.store())


def prompt(name: str = "Greet", *contents: str, **params: Any) -> Prompt:
    """A prompt of instructions and then user and assistant in turn."""
    roles = ("system", "user", "assistant", "user")
    messages = [
        PromptMessage.model_validate({"role": role, "content": text})
        for role, text in zip(roles, contents or ("Be kind.", "Hello {{who}}"), strict=False)
    ]
    return Prompt(name=name, messages=tuple(messages), params=params, variables={"who": "Ada"})


def opened(app: AppTest, shelf: str = "", name: str = "") -> AppTest:
    app.button(key="prompts.drawer").click().run()
    if shelf:
        app.button_group(key="prompts.shelf").set_value(shelf)
        app.button(key="prompts.drawer").click().run()
    if name:
        app.button(key=f"prompts.choose.{shelf}.{name}").click().run()
        app.button(key="prompts.drawer").click().run()
    assert not app.exception
    return app


def use(app: AppTest, key: str = "prompts.saved.use") -> AppTest:
    return app.button(key=key).click().run()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_shows_the_presets_of_a_language(chat: AppTest, language: str) -> None:
    drawer = opened(chat, language)

    shown = [b.key for b in drawer.button if str(b.key).startswith("prompts.choose.")]
    assert shown == [f"prompts.choose.{language}.{p.name}" for p in presets() if p.language == language]


def test_puts_a_prompt_to_use_without_sending_it(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt(temperature=1))
    drawer = opened(chat, "saved", "Greet")
    drawer.text_input(key="prompts.saved.Greet.who").set_value("Grace")

    use(drawer)

    assert chat.session_state["chat.instructions"] == "Be kind."
    assert chat.session_state["chat.temperature"] == 1.0
    assert chat.session_state["draft"]["text"] == "Hello Grace"
    assert ConversationRepository(resources.store()).list() == []


def test_leaves_no_parameter_of_before(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt())
    chat.session_state["chat.seed"] = 7
    chat.run()

    use(opened(chat, "saved", "Greet"))

    assert chat.session_state["chat.seed"] is None


def test_begins_a_conversation_with_the_examples_of_a_prompt(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt("Shout", "Shout.", "hi", "HI", "bye"))

    use(opened(chat, "saved", "Shout"), "prompts.saved.use_anew")

    [made] = ConversationRepository(resources.store()).list()
    assert [m.text for m in ConversationRepository(resources.store()).branch(made.id)] == ["hi", "HI"]
    assert chat.query_params["c"] == made.id
    assert chat.session_state["draft"]["text"] == "bye"


def test_tells_which_variables_have_no_text(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt("Ask", "Be kind.", "About {{topic}}"))

    drawer = opened(chat, "saved", "Ask")

    assert "topic" in drawer.warning[0].value
    assert any("not used: who" in caption.value for caption in drawer.caption)


def test_tells_which_parameters_have_no_control(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt(store=True))

    assert any("left out: store" in c.value for c in opened(chat, "saved", "Greet").caption)


def begin_saving(chat: AppTest) -> AppTest:
    opened(chat).button(key="prompts.begin_saving").click().run()
    return opened(chat)


def save(drawer: AppTest) -> AppTest:
    return next(b for b in drawer.button if b.label == "Save prompt").click().run()


def test_saves_what_the_chat_is_set_to(chat: AppTest, saved: PromptRepository) -> None:
    chat.session_state["chat.instructions"] = "Be brief."
    chat.session_state["chat.seed"] = 7
    chat.session_state["chat.response_format"] = "json_object"
    chat.run()
    drawer = begin_saving(chat)
    drawer.text_input(key="saving.name").set_value("Brief")
    drawer.text_area(key="saving.question").set_value("As JSON: {{text}}")
    save(drawer)

    found = saved.get("Brief")
    assert found
    assert [(m.role, m.content) for m in found.messages] == [
        ("system", "Be brief."),
        ("user", "As JSON: {{text}}"),
    ]
    assert found.params == {"seed": 7, "response_format": {"type": "json_object"}}


def test_asks_for_a_name_before_it_saves(chat: AppTest, saved: PromptRepository) -> None:
    drawer = begin_saving(chat)
    save(drawer)

    assert saved.list() == []
    assert "Give the prompt a name." in [caption.value for caption in opened(drawer).caption]


def test_brings_a_replaced_prompt_back(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt("Brief", "Old."))
    chat.session_state["chat.instructions"] = "New."
    chat.run()
    drawer = begin_saving(chat)
    drawer.text_input(key="saving.name").set_value("Brief")
    opened(save(drawer)).button(key="prompts.undo").click().run()

    found = saved.get("Brief")
    assert found
    assert found.messages[0].content == "Old."


def test_brings_a_deleted_prompt_back(chat: AppTest, saved: PromptRepository) -> None:
    saved.save(prompt())
    opened(chat, "saved", "Greet").button(key="prompts.delete").click().run()
    assert saved.list() == []

    opened(chat).button(key="prompts.undo").click().run()

    assert [p.name for p in saved.list()] == ["Greet"]


def importing(chat: AppTest, text: str) -> AppTest:
    opened(chat, "saved").file_uploader[0].set_value(("prompts.json", text.encode(), "application/json"))
    return opened(chat)


def test_imports_what_it_exports(chat: AppTest, saved: PromptRepository) -> None:
    importing(chat, prompts_to_json([prompt("One"), prompt("Two")]))

    assert [p.name for p in saved.list()] == ["One", "Two"]


def test_names_the_line_of_a_malformed_file_and_changes_nothing(
    chat: AppTest, saved: PromptRepository
) -> None:
    broken = prompts_to_json([prompt()]).replace('"name": "Greet"', '"name": ""')

    drawer = importing(chat, broken)

    assert "**Line 6**" in drawer.error[0].value
    assert saved.list() == []


FITTING: list[tuple[str, Any, Any]] = [
    ("temperature", 0, 0.0),
    ("max_completion_tokens", 100.0, 100),
    ("reasoning_effort", "low", "low"),
    ("stop", "END", ["END"]),
    ("response_format", {"type": "json_object"}, "json_object"),
    ("logit_bias", {"1734": -100}, '{"1734": -100}'),
    ("prompt_cache_key", "a", "a"),
]


@pytest.mark.parametrize(("name", "value", "shown"), FITTING, ids=[name for name, _, _ in FITTING])
def test_shows_a_parameter_in_its_control(name: str, value: Any, shown: Any) -> None:
    assert to_controls({name: value}) == ({f"chat.{name}": shown}, [])


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
        ("metadata", {"a": "b"}),
    ],
    ids=str,
)
def test_leaves_out_what_no_control_can_hold(name: str, value: Any) -> None:
    assert to_controls({name: value}) == ({}, [name])


def test_offers_four_starters_one_of_them_korean() -> None:
    assert len(example_prompts()) == 4
    assert any("가" <= letter <= "힣" for starter in example_prompts() for letter in starter["prompt"])


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_has_a_control_for_every_parameter_of_the_presets(preset: Prompt) -> None:
    assert to_controls(preset.params)[1] == []
