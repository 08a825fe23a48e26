"""The Responses API of the sandbox: parsing requests, writing responses and events, and storing them."""
