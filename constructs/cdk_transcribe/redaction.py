"""Personally identifiable information (PII) in transcripts: what is redacted, and which transcripts are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cdk_transcribe._arguments import check_choice, check_choices


class RedactionOutput(Enum):
    """Which transcripts a job with redaction writes."""

    REDACTED = "redacted"
    """The redacted transcript alone."""
    REDACTED_AND_UNREDACTED = "redacted_and_unredacted"
    """The redacted transcript and, beside it, the one with everything that was said."""


class PiiEntityType(Enum):
    """A type of personally identifiable information."""

    ADDRESS = "ADDRESS"
    AGE = "AGE"
    ALL = "ALL"
    """Every type, as when none is named."""
    AWS_ACCESS_KEY = "AWS_ACCESS_KEY"
    AWS_SECRET_KEY = "AWS_SECRET_KEY"  # noqa: S105
    BANK_ACCOUNT_NUMBER = "BANK_ACCOUNT_NUMBER"
    BANK_ROUTING = "BANK_ROUTING"
    CA_HEALTH_NUMBER = "CA_HEALTH_NUMBER"
    CA_SOCIAL_INSURANCE_NUMBER = "CA_SOCIAL_INSURANCE_NUMBER"
    CREDIT_DEBIT_CVV = "CREDIT_DEBIT_CVV"
    CREDIT_DEBIT_EXPIRY = "CREDIT_DEBIT_EXPIRY"
    CREDIT_DEBIT_NUMBER = "CREDIT_DEBIT_NUMBER"
    DATE_TIME = "DATE_TIME"
    DRIVER_ID = "DRIVER_ID"
    EMAIL = "EMAIL"
    INTERNATIONAL_BANK_ACCOUNT_NUMBER = "INTERNATIONAL_BANK_ACCOUNT_NUMBER"
    IP_ADDRESS = "IP_ADDRESS"
    LICENSE_PLATE = "LICENSE_PLATE"
    MAC_ADDRESS = "MAC_ADDRESS"
    NAME = "NAME"
    PASSPORT_NUMBER = "PASSPORT_NUMBER"
    PASSWORD = "PASSWORD"  # noqa: S105
    PHONE = "PHONE"
    PIN = "PIN"
    SSN = "SSN"
    SWIFT_CODE = "SWIFT_CODE"
    URL = "URL"
    US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER = "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER"
    USERNAME = "USERNAME"
    VEHICLE_IDENTIFICATION_NUMBER = "VEHICLE_IDENTIFICATION_NUMBER"


@dataclass(frozen=True, kw_only=True)
class ContentRedaction:
    """Replaces personally identifiable information in the transcript with `[PII]`.

    Args:
        output: which transcripts are written. By default the redacted one alone.
        pii_entity_types: what is redacted. By default every type that Transcribe knows.

    Raises:
        ValueError: for values that are not of these enums.
    """

    output: RedactionOutput = RedactionOutput.REDACTED
    pii_entity_types: Sequence[PiiEntityType] = ()

    def __post_init__(self) -> None:
        check_choice("output", self.output, RedactionOutput)
        check_choices("pii_entity_types", self.pii_entity_types, PiiEntityType)

    def to_request(self) -> dict[str, Any]:
        """The API's `ContentRedaction`."""
        types = {"PiiEntityTypes": list(self.pii_entity_types)} if self.pii_entity_types else {}
        return {"RedactionType": "PII", "RedactionOutput": self.output, **types}
