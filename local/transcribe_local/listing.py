"""One page of a List operation: NextToken and MaxResults as the service means them."""

import base64
from collections.abc import Iterable
from typing import Any

from transcribe_local.service_error import bad_request

_DEFAULT_PAGE = 5


def page(items: Iterable[tuple[str, dict[str, Any]]], request: dict[str, Any], member: str) -> dict[str, Any]:
    """Answer the items after the one that NextToken names: 5 unless MaxResults says otherwise.

    `items` pairs a position that sorts with the item; a token survives what is created and deleted between
    two pages.
    """
    after = _position(request.get("NextToken"))
    remaining = sorted((item for item in items if item[0] > after), key=lambda item: item[0])
    size = request.get("MaxResults", _DEFAULT_PAGE)
    answer: dict[str, Any] = {member: [item for _, item in remaining[:size]]}
    if len(remaining) > size:
        answer["NextToken"] = base64.urlsafe_b64encode(remaining[size - 1][0].encode()).decode()
    return answer


def contains(name: str, wanted: str | None) -> bool:
    """Whether a name holds the text that a filter asks for; case does not matter."""
    return wanted is None or wanted.lower() in name.lower()


def _position(token: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(token or "").decode()
    except ValueError as error:
        raise bad_request("The NextToken that you provided isn't valid.") from error
