"""Which objects a route takes, where their transcripts go, and what it tells the starter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import Token

from cdk_transcribe._job_kinds import MEDICAL_SCRIBE, JobKind
from cdk_transcribe._key_pattern import KeyPattern

MEDIA_SUFFIXES = (".amr", ".flac", ".m4a", ".mp3", ".mp4", ".ogg", ".wav", ".webm")
"""The endings of the media formats that Transcribe takes (`MediaFormat` in botocore's model)."""

# OutputKey in botocore's model, anchored; 300 leaves room for the media object's own key below 1,024.
_OUTPUT_PREFIX = re.compile(r"([a-zA-Z0-9\-_.!*'()][a-zA-Z0-9\-_.!*'()/]{0,299})?")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_LONGEST_KEY_BYTES = 1024
# The quota of an account, which can be raised: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_LONGEST_EVENT_PATTERN = 2048
# TransformerInput in botocore's model of EventBridge
_REST_OF_EVENT_PATTERN = len('{"source":["aws.s3","cdk-transcribe"],"detail-type":["Object Created"],"detail":}')
_LONGEST_MESSAGE_TEMPLATE = 8192
_LONGEST_BUCKET_NAME = 63
_TOKEN = re.compile(r"\$\{Token\[[^]]*\]\}")
_TEMPLATE_VARIABLE = re.compile(r"<[\w.-]+>")


@dataclass(frozen=True, kw_only=True)
class Route:
    """The objects of a bucket with a prefix and one of some suffixes, and where their transcripts go.

    `pipeline` is what the names of the pipeline's jobs start with.
    """

    id: str
    pipeline: str
    kind: JobKind
    bucket_name: str
    prefix: str
    suffixes: tuple[str, ...]
    output_prefix: str
    output_suffixes: tuple[str, ...]
    key_pattern: KeyPattern | None = None

    def __post_init__(self) -> None:
        self._check_prefix()
        self._check_suffixes()
        self._check_output_prefix()
        self._check_event_pattern()

    def __str__(self) -> str:
        return f"route {self.id!r} (prefix={self.prefix!r}, output_prefix={self.output_prefix!r})"

    def event_detail(self) -> dict[str, Any]:
        """What EventBridge compares the detail of an event with.

        Several conditions on one field are alternatives to EventBridge, so it can't be asked for a prefix and a
        suffix. Wildcards could say both, but it refuses a rule with more than a few of them as too complex, and
        eight formats in two spellings are sixteen. So beside a prefix the suffixes are left to the starter.
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching-complexity
        """
        key: list[Any] = [{"suffix": {"equals-ignore-case": suffix}} for suffix in self.suffixes]
        return {
            "bucket": {"name": [self.bucket_name]},
            "object": {"key": [{"prefix": self.prefix}] if self.prefix else key},
        }

    def message_job(self, output_bucket_name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """What the starter gets beside the event."""
        pattern = {} if self.key_pattern is None else {"KeyPattern": self.key_pattern.text}
        return {
            "Kind": self.kind.name,
            "Route": self.id,
            "NamePrefix": self.pipeline,
            "Suffixes": list(self.suffixes),
            **pattern,
            "OutputBucketName": output_bucket_name,
            "OutputPrefix": self.output_prefix,
            "Request": dict(request),
        }

    def overwrites(self, other: Route) -> bool:
        """Whether some object would have one transcript for both routes, or two objects that both routes take."""
        # Scribe jobs write below their own name, which no two have in common.
        if MEDICAL_SCRIBE in (self.kind, other.kind):
            return False
        return _nested(self.output_start, other.output_start) and _share_an_ending(self.suffixes, other.suffixes)

    def takes_output_of(self, other: Route, output_bucket_name: str) -> bool:
        """Whether what `other` writes would be media of this route."""
        return (
            self.bucket_name == output_bucket_name
            and _nested(self.prefix, other.output_start)
            and any(_ends_with_one_of(ending, self.suffixes) for ending in other.output_suffixes)
        )

    @property
    def output_start(self) -> str:
        """What the keys of all that this route writes start with."""
        return f"{self.pipeline}-" if self.kind is MEDICAL_SCRIBE else f"{self.output_prefix}{self.prefix}"

    def _check_prefix(self) -> None:
        length = len(self.prefix.encode())
        if not Token.is_unresolved(self.prefix) and length > _LONGEST_KEY_BYTES:
            raise ValueError(
                f"prefix={self.prefix[:40] + '…'!r} of route {self.id!r} has {length} bytes: no key of S3 is longer "
                f"than {_LONGEST_KEY_BYTES}"
            )

    def _check_suffixes(self) -> None:
        if not self.suffixes or not all(self.suffixes):
            raise ValueError(
                f"suffixes={list(self.suffixes)!r} of route {self.id!r}: give at least one ending, such as '.wav', and "
                "no empty one; leave the argument out for every format that Transcribe takes"
            )

    def _check_output_prefix(self) -> None:
        if self.kind is MEDICAL_SCRIBE and self.output_prefix:
            raise ValueError(
                f"output_prefix={self.output_prefix!r} of route {self.id!r}: a MedicalScribeJob takes none, the "
                "service writes each job's documents below the job's name; leave it out"
            )
        if not Token.is_unresolved(self.output_prefix) and not _OUTPUT_PREFIX.fullmatch(self.output_prefix):
            raise ValueError(
                f"output_prefix={self.output_prefix!r} of route {self.id!r}: Transcribe takes letters, digits and "
                "-_.!*'()/ there, at most 300 and no slash first"
            )

    def _check_event_pattern(self) -> None:
        rendered = json.dumps(self.event_detail(), ensure_ascii=False, separators=(",", ":"))
        length = len(_TOKEN.sub("b" * _LONGEST_BUCKET_NAME, rendered)) + _REST_OF_EVENT_PATTERN
        if length > _LONGEST_EVENT_PATTERN:
            raise ValueError(
                f"route {self.id!r} needs an event pattern of {length} characters, and EventBridge takes "
                f"{_LONGEST_EVENT_PATTERN}: give it a shorter prefix or fewer of its {len(self.suffixes)} suffixes"
            )


def check_message(route: Route, message_job: Mapping[str, Any]) -> None:
    """Raises ValueError when EventBridge would not take the message as the template of a rule's target."""
    template = json.dumps(message_job, ensure_ascii=False, separators=(",", ":"), default=lambda _: None)
    known = _TOKEN.sub("", template)
    if len(known) > _LONGEST_MESSAGE_TEMPLATE:
        raise ValueError(
            f"the job of route {route.id!r} makes a message of {len(known)} characters, and EventBridge takes "
            f"{_LONGEST_MESSAGE_TEMPLATE}: give its ObjectValues fewer choices, or make several routes of it"
        )
    if variable := _TEMPLATE_VARIABLE.search(known):
        raise ValueError(
            f"route {route.id!r} has {variable[0]!r} in a setting, which EventBridge would take for a variable of its "
            "own: write it without < and >"
        )


def _nested(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _share_an_ending(suffixes: Iterable[str], others: tuple[str, ...]) -> bool:
    return any(_ends_with_one_of(a, others) or _ends_with_one_of(b, (a,)) for a in suffixes for b in others)


def _ends_with_one_of(ending: str, suffixes: tuple[str, ...]) -> bool:
    return ending.lower().endswith(tuple(suffix.lower() for suffix in suffixes))
