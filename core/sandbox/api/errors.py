"""Errors in the API's own words and envelope."""

from typing import Any


class ApiError(Exception):
    """A request that the API would refuse; its message is written for the caller."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        error_type: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(_encodable(message))
        self.status = status
        self.error_type = error_type
        self.param = _encodable(param) if param else param
        self.code = code
        self.headers = headers or {}

    def to_dict(self) -> dict[str, Any]:
        """Build the body: all four keys, always, as the API's description requires."""
        return {
            "error": {"message": str(self), "type": self.error_type, "param": self.param, "code": self.code}
        }


def _encodable(text: str) -> str:
    """Replace lone surrogates, which JSON can bring and UTF-8 cannot carry."""
    return text.encode("utf-8", "replace").decode()


def invalid_request(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    return ApiError(400, message, param=param, code=code)


def missing_parameter(param: str) -> ApiError:
    return invalid_request(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")


def unknown_parameter(param: str) -> ApiError:
    param = param[:100]
    return invalid_request(f"Unknown parameter: '{param}'.", param, "unknown_parameter")


def invalid_type(param: str, expected: str, value: object) -> ApiError:
    message = f"Invalid type for '{param}': expected {expected}, but got {json_type_name(value)} instead."
    return invalid_request(message, param, "invalid_type")


def unsupported_parameter(param: str, instead: str = "") -> ApiError:
    message = f"Unsupported parameter: '{param}' is not supported with this model.{instead}"
    return invalid_request(message, param, "unsupported_parameter")


def unsupported_value(param: str, value: object, supported: str) -> ApiError:
    shown = f"'{value}'" if isinstance(value, str) else value
    message = f"Unsupported value: '{param}' does not support {shown} with this model. {supported}"
    return invalid_request(message, param, "unsupported_value")


def unsupported_in_sandbox(param: str, what: str) -> ApiError:
    """Refuse what the API can do and the sandbox cannot, rather than ignore it."""
    message = (
        f"The sandbox does not do {what}. Leave out '{param}', or connect a real server on the Settings page."
    )
    return invalid_request(message, param, "sandbox_unsupported")


def json_type_name(value: object) -> str:
    """Name the JSON type of *value* as the API's messages do."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string", list: "an array"}
    return names.get(type(value), "an object")
