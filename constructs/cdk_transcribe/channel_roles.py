"""Who speaks on which of the two channels of a recording."""

from __future__ import annotations

from enum import Enum
from typing import Any


class ParticipantRole(Enum):
    """Who takes part in a call."""

    AGENT = "AGENT"
    CUSTOMER = "CUSTOMER"


class MedicalParticipantRole(Enum):
    """Who takes part in a medical consultation."""

    CLINICIAN = "CLINICIAN"
    PATIENT = "PATIENT"


def check_channel(argument: str, channel: int | None) -> None:
    """Raises a ValueError unless `channel` is one of the two, or None."""
    if channel is not None and (isinstance(channel, bool) or channel not in (0, 1)):
        raise ValueError(f"{argument}={channel!r} is not possible: use 0 for the first channel or 1 for the second")


def channel_definitions(channel: int | None, role: Enum, other_role: Enum) -> list[dict[str, Any]] | None:
    """The API's `ChannelDefinitions`: `role` on `channel`, and `other_role` on the other of the two."""
    if channel is None:
        return None
    roles = {channel: role, 1 - channel: other_role}
    return [{"ChannelId": one, "ParticipantRole": roles[one]} for one in sorted(roles)]
