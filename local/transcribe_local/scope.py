"""Where a resource lives: names are unique within one account and Region."""

from typing import NamedTuple


class Scope(NamedTuple):
    """The account and Region that a request was signed for."""

    account_id: str
    region: str

    def arn(self, resource_type: str, name: str) -> str:
        """The ARN of a Transcribe resource here, such as `vocabulary/terms`."""
        return f"arn:aws:transcribe:{self.region}:{self.account_id}:{resource_type}/{name}"
