"""Errors in the API's own words and envelope."""

from typing import Any


class ApiProblem(Exception):
    """A request that the API would refuse; its message is written for the caller."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(_encodable(message))
        self.status = status
        self.kind = kind
        self.param = _encodable(param) if param else param
        self.code = code
        self.headers = headers or {}

    def envelope(self) -> dict[str, Any]:
        """Build the body: all four keys, always, as the API's description requires."""
        return {"error": {"message": str(self), "type": self.kind, "param": self.param, "code": self.code}}


def _encodable(text: str) -> str:
    """Replace lone surrogates, which JSON can bring and UTF-8 cannot carry."""
    return text.encode("utf-8", "replace").decode()


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiProblem:
    return ApiProblem(400, message, param=param, code=code)


def missing(param: str) -> ApiProblem:
    return invalid(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")


def unknown(param: str) -> ApiProblem:
    param = param[:100]
    return invalid(f"Unknown parameter: '{param}'.", param, "unknown_parameter")


def wrong_type(param: str, expected: str, value: object) -> ApiProblem:
    message = f"Invalid type for '{param}': expected {expected}, but got {type_name(value)} instead."
    return invalid(message, param, "invalid_type")


def unsupported_parameter(param: str, instead: str = "") -> ApiProblem:
    message = f"Unsupported parameter: '{param}' is not supported with this model.{instead}"
    return invalid(message, param, "unsupported_parameter")


def unsupported_value(param: str, value: object, supported: str) -> ApiProblem:
    shown = f"'{value}'" if isinstance(value, str) else value
    message = f"Unsupported value: '{param}' does not support {shown} with this model. {supported}"
    return invalid(message, param, "unsupported_value")


def not_offered(param: str, what: str) -> ApiProblem:
    """Refuse what the API can do and the sandbox cannot, rather than ignore it."""
    message = (
        f"The sandbox does not do {what}. Leave out '{param}', or connect a real server on the Settings page."
    )
    return invalid(message, param, "sandbox_unsupported")


def type_name(value: object) -> str:
    """Name the JSON type of *value* as the API's messages do."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string", list: "an array"}
    return names.get(type(value), "an object")
