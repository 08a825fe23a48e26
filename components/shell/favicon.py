"""The icon of the browser tab."""

import base64
from functools import cache

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.PageConfig_pb2 import PageConfig
from streamlit.runtime.scriptrunner_utils.script_run_context import enqueue_message

from core.paths import DATA


def set_favicon() -> None:
    """Set the icon without `st.set_page_config(page_icon=...)`.

    For an image, that function imports numpy and Pillow, which would add 20 MiB and a tenth of a second to
    every start before anything is drawn.
    """
    message = ForwardMsg()
    message.page_config_changed.favicon = _data_url()
    message.page_config_changed.layout = PageConfig.LAYOUT_UNSET
    message.page_config_changed.initial_sidebar_state = PageConfig.SIDEBAR_UNSET
    enqueue_message(message)


@cache
def _data_url() -> str:
    icon = (DATA / "icon.png").read_bytes()
    return f"data:image/png;base64,{base64.b64encode(icon).decode()}"
