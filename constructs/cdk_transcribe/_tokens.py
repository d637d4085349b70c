"""Values that are known only at deployment."""

from __future__ import annotations

from aws_cdk import Token


def is_token(value: object) -> bool:
    """Whether a value, or a part of it, is known only at deployment.

    CDK's own answer comes from another process; most strings don't look like one.
    """
    if isinstance(value, str) and "{Token[" not in value:
        return False
    return bool(Token.is_unresolved(value))
