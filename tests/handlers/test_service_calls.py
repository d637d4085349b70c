"""One look makes the calls of Transcribe that the docstrings of convergence.py state, and no others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from transcribe_local import LocalAws

from .conftest import TemplateResource

HEADER = "Phrase\tSoundsLike\tIPA\tDisplayAs\n"
LIST, TAG, UNTAG = "ListTagsForResource", "TagResource", "UntagResource"
NO_CHANGE: dict[str, Any] = {}


def tags(**values: str) -> dict[str, Any]:
    return {"Tags": [{"Key": key, "Value": value} for key, value in values.items()]}


@dataclass(frozen=True)
class Subject:
    """A resource of one kind, and the local AWS that counts its calls."""

    kind: str
    resource: TemplateResource
    client: Any
    bucket: str
    aws: LocalAws
    calls_of_others: list[str] = field(default_factory=list)

    def properties(self, word: str) -> dict[str, Any]:
        """The word "has space" is one that fails a vocabulary, once it has been PENDING."""
        stem = self.kind.removeprefix("Medical")
        body = f"{word}\n" if self.kind == "VocabularyFilter" else f"{HEADER}{word}\t\t\t\n"
        self.client("s3").put_object(Bucket=self.bucket, Key=word, Body=body.encode())
        uri = f"s3://{self.bucket}/{word}"
        return {f"{stem}Name": "terms", "LanguageCode": "en-US", f"{stem}FileUri": uri}

    def exists(self, **more: Any) -> None:
        """As a deployment left it; nothing that came before counts."""
        self.resource.create(**self.properties("old"), **more)
        self.aws.settings(pending_seconds=3600)
        self.aws.forget_calls()

    def is_pending(self) -> None:
        self.aws.settings(pending_seconds=3600)
        assert self.look("Create", "old") == {"IsComplete": False}
        self.resource.physical_id = "terms"
        self.aws.forget_calls()

    def is_somebody_elses(self) -> None:
        self.by_somebody_else("create", **self.properties("theirs"))
        self.resource.physical_id = "terms"
        self.aws.forget_calls()

    def by_somebody_else(self, verb: str, **request: Any) -> None:
        noun = {"Vocabulary": "vocabulary", "MedicalVocabulary": "medical_vocabulary"}.get(
            self.kind, "vocabulary_filter"
        )
        getattr(self.client("transcribe"), f"{verb}_{noun}")(**request)

    def vanishes_before(self, call: str, handlers: Any) -> None:
        """Somebody else deletes it in the moment before that call."""
        events = handlers.resource_kind.transcribe.meta.events
        event = f"before-call.transcribe.{self.operation(call)}"

        def delete(**_: Any) -> None:
            events.unregister(event, delete)
            name = f"{self.kind.removeprefix('Medical')}Name"
            self.by_somebody_else("delete", **{name: "terms"})
            self.calls_of_others.append("Delete")

        events.register(event, delete)

    def operation(self, call: str) -> str:
        return call + self.kind if call in ("Get", "Create", "Update", "Delete") else call

    def replacement(self, word: str) -> dict[str, Any]:
        """A request to replace another resource by this one."""
        return self.resource.event("Update", self.properties(word), PhysicalResourceId="before")

    def has_failed(self) -> None:
        assert self.look("Create", "has space") == {"IsComplete": False}
        self.resource.physical_id = "terms"
        self.aws.forget_calls()

    def look(self, request_type: str, word: str, **more: Any) -> dict[str, Any]:
        return self.resource.look(request_type, **self.properties(word), **more)

    def made(self, *operations: str) -> bool:
        """These calls, each as often as it stands here, and no others."""
        named = [self.operation(call) for call in (*operations, *self.calls_of_others)]
        assert self.aws.calls() == {name: named.count(name) for name in named}
        return True


@pytest.fixture
def subject(request: pytest.FixtureRequest, template: Any, client: Any, bucket: str, aws: LocalAws) -> Subject:
    return Subject(request.param, template(request.param), client, bucket, aws)


every_kind = pytest.mark.parametrize("subject", ["Vocabulary", "MedicalVocabulary", "VocabularyFilter"], indirect=True)
with_states = pytest.mark.parametrize("subject", ["Vocabulary", "MedicalVocabulary"], indirect=True)
without_states = pytest.mark.parametrize("subject", ["VocabularyFilter"], indirect=True)


# Towards presence


@every_kind
def test_absent_is_two_calls(subject: Subject) -> None:
    subject.look("Create", "old", **tags(Team="A"))

    assert subject.made("Get", "Create")


@with_states
def test_pending_is_two_calls(subject: Subject) -> None:
    subject.is_pending()

    assert subject.look("Create", "old") == {"IsComplete": False}
    assert subject.made("Get", LIST)


@every_kind
def test_as_wished_is_two_calls(subject: Subject) -> None:
    subject.exists(**tags(Team="A"))

    assert subject.look("Update", "old", **tags(Team="A"))["IsComplete"]
    assert subject.made("Get", LIST)


@every_kind
@pytest.mark.parametrize(
    ("wished", "calls"),
    [
        (tags(Team="A", Stage="x", New="y"), [TAG]),
        (tags(Team="B", Stage="y"), [TAG]),
        (tags(Team="A"), [UNTAG]),
        (NO_CHANGE, [UNTAG]),
        (tags(Team="B", New="y"), [TAG, UNTAG]),
    ],
    ids=["added", "changed", "removed", "removed to none", "all of it"],
)
def test_other_tags_are_one_call_more_for_each_way_of_change(
    subject: Subject, wished: dict[str, Any], calls: list[str]
) -> None:
    subject.exists(**tags(Team="A", Stage="x"))

    assert subject.look("Update", "old", **wished)["IsComplete"]
    assert subject.made("Get", LIST, *calls)


@with_states
def test_out_of_date_is_five_calls_and_other_tags_come_when_it_is_ready(subject: Subject) -> None:
    subject.exists(**tags(Team="A", Stage="x"))

    assert subject.look("Update", "new", **tags(Team="B")) == {"IsComplete": False}
    assert subject.made("Get", LIST, TAG, "Update", TAG)


@without_states
@pytest.mark.parametrize(
    ("wished", "calls"),
    [
        (tags(Team="A", Stage="x"), []),
        (tags(Team="B", Stage="x"), [TAG]),
        (tags(Team="A"), [UNTAG]),
        (tags(Team="B"), [TAG, UNTAG]),
    ],
    ids=["the same tags", "changed", "removed", "both"],
)
def test_out_of_date_is_five_calls_and_other_tags_where_there_is_no_state(
    subject: Subject, wished: dict[str, Any], calls: list[str]
) -> None:
    subject.exists(**tags(Team="A", Stage="x"))

    assert subject.look("Update", "new", **wished)["IsComplete"]
    assert subject.made("Get", LIST, TAG, "Update", TAG, *calls)


@with_states
def test_failed_is_three_calls(subject: Subject, handlers: Any) -> None:
    subject.has_failed()

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="contains a space"):
        subject.look("Create", "has space")
    assert subject.made("Get", LIST, TAG)


@with_states
def test_failed_replacement_is_three_calls(subject: Subject, handlers: Any) -> None:
    event = subject.replacement("has space")
    assert subject.resource.check(event) == {"IsComplete": False}
    subject.aws.forget_calls()

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="contains a space"):
        subject.resource.check(event)
    assert subject.made("Get", LIST, "Delete")


@with_states
def test_failed_with_other_content_is_out_of_date(subject: Subject) -> None:
    subject.has_failed()
    subject.aws.settings(pending_seconds=3600)

    assert subject.look("Update", "new") == {"IsComplete": False}
    assert subject.made("Get", LIST, TAG, "Update", TAG)


@every_kind
def test_somebody_elses_is_two_calls(subject: Subject, handlers: Any) -> None:
    subject.is_somebody_elses()

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="not owned"):
        subject.look("Create", "old")
    assert subject.made("Get", LIST)


@every_kind
def test_another_language_is_two_calls(subject: Subject, handlers: Any) -> None:
    subject.exists()

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match="language cannot be changed"):
        subject.resource.look("Update", **{**subject.properties("old"), "LanguageCode": "fr-FR"})
    assert subject.made("Get", LIST)


@every_kind
def test_vanished_after_the_first_call_is_three_calls(subject: Subject, handlers: Any) -> None:
    subject.exists()
    subject.vanishes_before(LIST, handlers)

    assert subject.look("Update", "new")["IsComplete"] == (subject.kind == "VocabularyFilter")
    assert subject.made("Get", LIST, "Create")


@every_kind
@pytest.mark.parametrize(
    ("operation", "calls"), [(TAG, ["Get", LIST, TAG, "Get"]), ("Update", ["Get", LIST, TAG, "Update", "Get"])]
)
def test_vanished_before_a_change_is_one_call_more(
    subject: Subject, handlers: Any, operation: str, calls: list[str]
) -> None:
    subject.exists()
    subject.vanishes_before(operation, handlers)

    assert subject.look("Update", "new") == {"IsComplete": False}
    assert subject.made(*calls)


# Towards absence


@every_kind
def test_delete_absent_is_one_call(subject: Subject) -> None:
    subject.resource.physical_id = "terms"

    assert subject.look("Delete", "old")["IsComplete"]
    assert subject.made("Get")


@every_kind
def test_delete_not_ours_is_two_calls(subject: Subject) -> None:
    subject.is_somebody_elses()

    assert subject.look("Delete", "old")["IsComplete"]
    assert subject.made("Get", LIST)


@with_states
def test_delete_pending_is_two_calls(subject: Subject) -> None:
    subject.is_pending()

    assert subject.look("Delete", "old") == {"IsComplete": False}
    assert subject.made("Get", LIST)


@every_kind
def test_delete_present_is_four_calls(subject: Subject) -> None:
    subject.exists()

    assert subject.look("Delete", "old")["IsComplete"]
    assert subject.made("Get", LIST, "Delete", "Get")


@every_kind
def test_delete_vanished_after_the_first_call_is_two_calls(subject: Subject, handlers: Any) -> None:
    subject.exists()
    subject.vanishes_before(LIST, handlers)

    assert subject.look("Delete", "old")["IsComplete"]
    assert subject.made("Get", LIST)


@every_kind
def test_delete_vanished_before_the_deletion_is_four_calls(subject: Subject, handlers: Any) -> None:
    subject.exists()
    subject.vanishes_before("Delete", handlers)

    assert subject.look("Delete", "old")["IsComplete"]
    assert subject.made("Get", LIST, "Delete", "Get")


# What CloudFormation is asked


class Questions:
    """A CloudFormation in which nothing ever happens."""

    def __init__(self) -> None:
        self.asked = 0

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        self.asked += 1
        return {"StackEvents": []}


@pytest.fixture
def questions(handlers: Any, monkeypatch: pytest.MonkeyPatch) -> Questions:
    questions = Questions()
    monkeypatch.setattr(handlers.stack_events, "client", lambda: questions)
    return questions


@every_kind
@pytest.mark.parametrize(
    ("request_type", "word", "seconds", "asked"),
    [
        ("Create", "old", 0, 0),
        ("Create", "old", 10, 0),
        ("Update", "new", 0, 0),
        ("Update", "new", 10, 1),
        ("Delete", "old", 10, 0),
    ],
)
def test_cloudformation_is_asked_after_the_first_look_before_a_change_only(
    *, subject: Subject, questions: Questions, request_type: str, word: str, seconds: float, asked: int
) -> None:
    subject.exists()
    event = subject.resource.event(request_type, subject.properties(word))

    subject.resource.check({**event, "RequestedAt": event["RequestedAt"] - seconds})

    assert questions.asked == asked


@every_kind
@pytest.mark.parametrize(("seconds", "asked"), [(0, 0), (10, 1)])
def test_cloudformation_is_asked_after_the_first_look_before_a_creation(
    subject: Subject, questions: Questions, seconds: float, asked: int
) -> None:
    event = subject.resource.event("Create", subject.properties("old"))

    subject.resource.check({**event, "RequestedAt": event["RequestedAt"] - seconds})

    assert questions.asked == asked
    assert subject.made("Get", "Create")
