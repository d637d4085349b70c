"""What an error from an AWS service means to a handler: gone, taken, refused, or only not now."""

from __future__ import annotations

from botocore.exceptions import ClientError, HTTPClientError, ParamValidationError
from botocore.exceptions import ConnectionError as ServiceUnreachable

_LIMITS = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequests",
        "TooManyRequestsException",
    }
)
_FAULTS = frozenset({"InternalFailure", "InternalFailureException", "InternalServerError", "ServiceUnavailable"})


def is_missing(error: Exception) -> bool:
    """The thing that was asked for does not exist.

    Transcribe documents NotFoundException and answers BadRequestException; a BadRequestException has a
    hundred other reasons, so only its message can tell.
    """
    if code_of(error) == "BadRequestException":
        return "couldn't be found" in message_of(error).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return code_of(error) == "NotFoundException"


def is_gone(error: Exception) -> bool:
    """The object, or this version of it, is in S3 no longer; a delete marker answers MethodNotAllowed."""
    return code_of(error) in {"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"}


def is_conflict(error: Exception) -> bool:
    """The name is taken, or the resource is being changed at this moment."""
    return code_of(error) == "ConflictException"


def is_busy(error: Exception) -> bool:
    """The resource is PENDING, so that it can be neither changed nor deleted just now."""
    return code_of(error) == "BadRequestException" and "non-terminal state" in message_of(error)


def is_limit(error: Exception) -> bool:
    """Too many resources, too many of them pending, too many requests; or too large a content."""
    return code_of(error) == "LimitExceededException"


def passes_with_time(error: Exception) -> bool:
    """Sending the same request again later may do: throttles, limits, faults, and a resource that is being changed."""
    return is_not_now(error) or is_conflict(error) or is_busy(error)


def is_refusal(error: Exception) -> bool:
    """The request itself is wrong: sending it again gives the same answer."""
    return isinstance(error, ParamValidationError) or code_of(error) == "BadRequestException"


def is_not_now(error: Exception) -> bool:
    """A limit, a throttle, a fault of the service or of the way to it: the same request may pass later."""
    if isinstance(error, (ServiceUnreachable, HTTPClientError)):
        return True
    return code_of(error) in _LIMITS | _FAULTS or _status_of(error) >= 500


def code_of(error: Exception) -> str:
    """The service's error code, "" when the error did not come from a service."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def message_of(error: Exception) -> str:
    """The service's own sentence, without botocore's words around it."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Message", "")) or str(error)
    return str(error)


def _status_of(error: Exception) -> int:
    if not isinstance(error, ClientError):
        return 0
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
