"""What the API answers when it refuses, in the words of the real one as far as they are known."""

from typing import Any


class ApiError(Exception):
    """A refusal: HTTP status, message, and the `param`, `code` and `type` of the error object."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.kind = kind

    def document(self) -> dict[str, Any]:
        """The body of the answer."""
        error = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        return {"error": error}


def refused(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """A plain 400."""
    return ApiError(400, message, param=param, code=code)


def no_key() -> ApiError:
    return ApiError(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using "
        "Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
    )


def wrong_key(key: str) -> ApiError:
    shown = f"{key[:2]}{'*' * 6}{key[-2:]}" if len(key) > 6 else "*" * len(key)
    return ApiError(401, f"Incorrect API key provided: {shown}.", code="invalid_api_key")


_HEADER_HINT = "Please try again by setting the header 'OpenAI-Beta: assistants=v2'."


def no_beta_header() -> ApiError:
    return refused(
        f"You must provide the 'OpenAI-Beta' header to access the Assistants API. {_HEADER_HINT}",
        code="invalid_beta",
    )


def no_api_version() -> ApiError:
    """Azure's words for any address that it does not know, one without a version among them."""
    return ApiError(404, "Resource not found", code="404")


def access_denied() -> ApiError:
    """Azure OpenAI's words for a missing or a wrong key."""
    return ApiError(
        401,
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for "
        "an active subscription and use a correct regional API endpoint for your resource.",
        code="401",
    )


def no_token() -> ApiError:
    """A Foundry project's; our words."""
    return ApiError(401, "A bearer token of this project is needed.", code="Unauthorized")


def not_json() -> ApiError:
    return refused(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your "
        "HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not "
        "valid JSON.)"
    )


def too_large(limit: int) -> ApiError:
    return ApiError(413, f"Request body too large: at most {limit} bytes are accepted.")


def no_such_url(method: str, path: str) -> ApiError:
    return ApiError(404, f"Invalid URL ({method} {path})")


def method_not_allowed(method: str, path: str) -> ApiError:
    return ApiError(405, f"Not allowed to {method} on {path}.", code="method_not_supported")


def not_found(noun: str, identifier: str) -> ApiError:
    return ApiError(404, f"No {noun} found with id '{identifier}'.")


def no_such_file(identifier: str) -> ApiError:
    return ApiError(404, f"No such File object: {identifier}", param="id")


def no_such_model(name: str) -> ApiError:
    return ApiError(404, f"The model '{name}' does not exist", param="model", code="model_not_found")


def not_for_download(purpose: str) -> ApiError:
    return refused(f"Not allowed to download files of purpose: {purpose}")


def not_a_form() -> ApiError:
    return refused("We could not parse the multipart/form-data body of your request.")


def wrong_prefix(param: str, value: str, prefix: str) -> ApiError:
    message = f"Invalid '{param}': '{value}'. Expected an ID that begins with '{prefix}'."
    return refused(message, param=param, code="invalid_value")


def missing(param: str) -> ApiError:
    return refused(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")


def unknown(param: str) -> ApiError:
    return refused(f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter")


def wrong_type(param: str, wanted: str, value: Any) -> ApiError:
    message = f"Invalid type for '{param}': expected {wanted}, but got {_kind_of(value)} instead."
    return refused(message, param=param, code="invalid_type")


def wrong_choice(param: str, value: str, supported: tuple[str, ...]) -> ApiError:
    names = [f"'{name}'" for name in supported]
    listed = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    return refused(f"Invalid value: '{value}'. Supported values are: {listed}.", param=param, code="invalid_value")


def out_of_range(param: str, kind: str, value: float, *, low: float, high: float) -> ApiError:
    above = value > high
    bound, sign, word = (high, "<=", "above_max") if above else (low, ">=", "below_min")
    message = (
        f"Invalid '{param}': {kind} {'above maximum' if above else 'below minimum'} value. "
        f"Expected a value {sign} {bound}, but got {value} instead."
    )
    return refused(message, param=param, code=f"{kind}_{word}_value")


def too_long(param: str, kind: str, length: int, maximum: int) -> ApiError:
    if kind == "object":
        message = (
            f"Invalid '{param}': too many properties. Expected an object with at most {maximum} properties, "
            f"but got an object with {length} properties instead."
        )
        return refused(message, param=param, code="object_above_max_properties")
    article = "an" if kind == "array" else "a"
    message = (
        f"Invalid '{param}': {kind} too long. Expected {article} {kind} with maximum length {maximum}, "
        f"but got {article} {kind} with length {length} instead."
    )
    return refused(message, param=param, code=f"{kind}_above_max_length")


def too_short(param: str, kind: str, length: int, minimum: int) -> ApiError:
    article = "an" if kind == "array" else "a"
    message = (
        f"Invalid '{param}': {kind} too short. Expected {article} {kind} with minimum length {minimum}, "
        f"but got {article} {kind} with length {length} instead."
    )
    return refused(message, param=param, code=f"{kind}_below_min_length")


def thread_busy_for_messages(thread_id: str, run_id: str) -> ApiError:
    return refused(f"Can't add messages to {thread_id} while a run {run_id} is active.")


def thread_busy_for_runs(thread_id: str, run_id: str) -> ApiError:
    return refused(f"Thread {thread_id} already has an active run {run_id}.")


def no_outputs_wanted(status: str) -> ApiError:
    return refused(f'Runs in status "{status}" do not accept tool outputs.')


def wrong_outputs(expected: list[str], got: list[str]) -> ApiError:
    return refused(f"Expected tool outputs for call_ids {expected}, got {got}")


def wrong_approvals(expected: list[str], got: list[str]) -> ApiError:
    return refused(f"Expected tool approvals for call_ids {expected}, got {got}")


def other_action_wanted(kind: str) -> ApiError:
    return refused(f"This run waits for '{kind}'.")


def cannot_cancel(status: str) -> ApiError:
    return refused(f"Cannot cancel run with status '{status}'.")


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {
        bool: "a boolean",
        int: "an integer",
        float: "a decimal number",
        str: "a string",
        list: "an array",
        dict: "an object",
    }
    return kinds.get(type(value), "something else")
