"""What the linter found, as CDK says things: errors end the synthesis, warnings can be acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from aws_cdk import Annotations
from constructs import Construct

from cdk_transcribe._finding import Finding, Severity


def report(scope: Construct, findings: Sequence[Finding]) -> None:
    """Adds one warning to `scope` for each rule that found something, with all that it found.

    The id of a warning is `cdk-transcribe:` and the id of the rule.

    Raises:
        ValueError: when any finding is an error; it lists all of them, warnings too.
    """
    if any(finding.severity is Severity.ERROR for finding in findings):
        listed = "\n".join(map(str, findings))
        raise ValueError(f"the source of {scope.node.path!r} would be refused by Transcribe:\n{listed}")
    for rule, found in groupby(sorted(findings, key=lambda finding: finding.id), key=lambda finding: finding.id):
        Annotations.of(scope).add_warning_v2(f"cdk-transcribe:{rule}", "\n".join(map(str, found)))
