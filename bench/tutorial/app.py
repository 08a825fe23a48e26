"""The chat of Streamlit's tutorial. `?history=N` starts it with N messages, to measure long conversations."""

from typing import Any

import streamlit as st
from openai import OpenAI

st.title("Chat")

client = OpenAI()

if "messages" not in st.session_state:
    count = int(st.query_params.get("history", 0))
    st.session_state.messages = [
        {
            "role": "assistant" if number % 2 else "user",
            "content": f"Message {number}. " + "More of it. " * 20,
        }
        for number in range(count)
    ]

for message in st.session_state.messages:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])

if prompt := st.chat_input("What is up?"):
    st.session_state.messages.append({"role": "user", "content": prompt})
    with st.chat_message("user"):
        st.markdown(prompt)

    with st.chat_message("assistant"):
        messages: Any = [{"role": m["role"], "content": m["content"]} for m in st.session_state.messages]
        stream = client.chat.completions.create(model="gpt-6-luna", messages=messages, stream=True)
        response = st.write_stream(stream)
    st.session_state.messages.append({"role": "assistant", "content": response})
