"""The errors that Amazon Transcribe answers with, by the names its API model gives them."""

_LIMIT_EXCEEDED = (
    "You've either sent too many requests or your input file is too long. Wait before retrying your request, "
    "or use a smaller file and try your request again."
)
_SERVER_FAULTS = {"InternalFailureException": 500, "ServiceUnavailableException": 503}


class ServiceError(Exception):
    """A refusal as the caller sees it: an error code, a sentence, and the HTTP status of that code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """400 for whatever the caller can put right, 500 or 503 for the service's own faults."""
        return _SERVER_FAULTS.get(self.code, 400)


def bad_request(message: str) -> ServiceError:
    return ServiceError("BadRequestException", message)


def conflict(message: str) -> ServiceError:
    return ServiceError("ConflictException", message)


def limit_exceeded(message: str = _LIMIT_EXCEEDED) -> ServiceError:
    return ServiceError("LimitExceededException", message)
