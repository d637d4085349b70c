"""Faults on demand: errors that a test puts in the way of an operation."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from transcribe_local.service_error import ServiceError


@dataclass
class Fault:
    """An error for the next calls of an operation.

    With `times`, that many calls fail; with `rate`, that share of all calls fails, the same ones for the same
    `seed`; with neither, every call fails. With `after_effect` the operation does its work first and only its
    answer is lost.
    """

    operation: str
    code: str = "InternalFailureException"
    message: str = (
        "There was an internal error. Check the error message, correct the issue, and try your request again."
    )
    times: int | None = None
    rate: float | None = None
    seed: int = 0
    after_effect: bool = False
    _dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # A reproducible choice of calls is wanted here, not an unpredictable one.
        self._dice = random.Random(self.seed)  # noqa: S311

    def strikes(self, operation: str) -> bool:
        """Whether this call fails; ask once a call, as asking uses up `times` and moves the dice."""
        if operation != self.operation or self.times == 0:
            return False
        if self.rate is not None and self._dice.random() >= self.rate:
            return False
        self.times = None if self.times is None else self.times - 1
        return True

    def error(self) -> ServiceError:
        return ServiceError(self.code, self.message)


class CallLog:
    """How often each operation was called, and what it was refused with."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._errors: dict[str, Counter[str]] = {}

    def count(self, operation: str) -> None:
        self._calls[operation] += 1

    def count_error(self, operation: str, code: str) -> None:
        self._errors.setdefault(operation, Counter())[code] += 1

    def as_json(self) -> dict[str, Any]:
        """Calls and errors by operation; an operation that was never called is absent."""
        return {
            "calls": dict(self._calls),
            "errors": {operation: dict(codes) for operation, codes in self._errors.items()},
        }
