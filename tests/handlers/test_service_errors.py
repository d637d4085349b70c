import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)

from transcribe_handlers import service_errors


def answer(code: str, message: str = "", status: int = 400) -> ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetVocabulary")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        answer("NotFoundException"),
        answer("BadRequestException", "The requested vocabulary couldn't be found. Check the vocabulary name."),
        answer("BadRequestException", "The requested job couldn’t be found."),  # noqa: RUF001
    ],
)
def test_missing_comes_in_two_codes(error: ClientError) -> None:
    assert service_errors.is_missing(error)


@pytest.mark.parametrize(
    "error",
    [answer("BadRequestException", "The vocabulary is in a non-terminal state."), answer("AccessDenied"), ValueError()],
)
def test_any_other_bad_request_is_not_missing(error: Exception) -> None:
    assert not service_errors.is_missing(error)


@pytest.mark.parametrize(
    "error",
    [
        answer("LimitExceededException"),
        answer("ThrottlingException"),
        answer("Throttling"),
        answer("TooManyRequestsException"),
        answer("RequestLimitExceeded"),
        answer("InternalFailureException", status=500),
        answer("Unknown", status=503),
        EndpointConnectionError(endpoint_url="https://transcribe"),
        ConnectTimeoutError(endpoint_url="https://transcribe"),
        ReadTimeoutError(endpoint_url="https://transcribe"),
    ],
)
def test_limits_throttles_and_faults_pass_with_time(error: Exception) -> None:
    assert service_errors.is_not_now(error)
    assert not service_errors.is_refusal(error)


@pytest.mark.parametrize("error", [answer("BadRequestException"), ParamValidationError(report="x")])
def test_a_wrong_request_is_refused_for_good(error: Exception) -> None:
    assert service_errors.is_refusal(error)
    assert not service_errors.is_not_now(error)


@pytest.mark.parametrize("error", [answer("AccessDeniedException"), ValueError("x"), answer("ConflictException")])
def test_what_nobody_foresaw_is_neither(error: Exception) -> None:
    assert not service_errors.is_refusal(error)
    assert not service_errors.is_not_now(error)
