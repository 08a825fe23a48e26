"""The error responses of the API: their messages, types, parameters and codes."""

from typing import Any

from starlette.responses import JSONResponse


class ApiError(Exception):
    """A request that the API would reject. The message is sent to the client."""

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
        super().__init__(_replace_surrogates(message))
        self.status = status
        self.error_type = error_type
        self.param = _replace_surrogates(param) if param else param
        self.code = code
        self.headers = headers or {}

    def to_dict(self) -> dict[str, Any]:
        """Return the error object. It always has all four keys, as the API reference requires."""
        return {
            "error": {"message": str(self), "type": self.error_type, "param": self.param, "code": self.code}
        }

    def to_response(self) -> JSONResponse:
        return JSONResponse(self.to_dict(), self.status, headers=self.headers)


def _replace_surrogates(text: str) -> str:
    """Replace lone surrogates: valid in JSON strings, but not encodable as UTF-8."""
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


def unsupported_parameter(param: str, hint: str = "") -> ApiError:
    message = f"Unsupported parameter: '{param}' is not supported with this model.{hint}"
    return invalid_request(message, param, "unsupported_parameter")


def unsupported_value(param: str, value: object, hint: str) -> ApiError:
    value_text = f"'{value}'" if isinstance(value, str) else value
    message = f"Unsupported value: '{param}' does not support {value_text} with this model. {hint}"
    return invalid_request(message, param, "unsupported_value")


def unsupported_in_sandbox(param: str, feature: str) -> ApiError:
    """Return the error for a feature that the API has and the sandbox does not implement."""
    # Ignoring the parameter would let an application pass its tests here and fail with the real API.
    message = (
        f"The sandbox does not support {feature}. Remove '{param}', or connect another server on the "
        "Settings page."
    )
    return invalid_request(message, param, "sandbox_unsupported")


def json_type_name(value: object) -> str:
    """Return the JSON type of *value* with its article, as in the API's messages."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string", list: "an array"}
    return names.get(type(value), "an object")
