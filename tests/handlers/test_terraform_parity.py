"""What Terraform's provider tests of its four kinds, and what it should have tested, has a counterpart here.

The names on the left of COUNTERPARTS are those of terraform-provider-aws's acceptance tests, and below them the cases
that it leaves untested.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from transcribe_local import LocalAws
from transcribe_local.object_store import ObjectLocation
from transcribe_local.transcribe_server import TranscribeServer

from .conftest import STACK_ID, Handlers, TemplateResource

HERE = "tests/handlers/test_terraform_parity.py"
LIFE = "tests/handlers/test_custom_resource.py"
TROUBLE = "tests/handlers/test_failing_service.py"
MODEL = "tests/handlers/test_language_model.py"
IMPORT = "tests/unit/test_imports_and_grants.py::test_an_import_by_name_is_in_this_account_and_region"

COUNTERPARTS = {
    "TestAccTranscribeVocabulary_basic": f"{HERE}::test_vocabulary_basic",
    "TestAccTranscribeVocabulary_basicPhrases": f"{HERE}::test_vocabulary_basic_phrases",
    "TestAccTranscribeVocabulary_updateS3URI": f"{HERE}::test_vocabulary_update_s3_uri",
    "TestAccTranscribeVocabulary_updateTags": f"{HERE}::test_vocabulary_update_tags",
    "TestAccTranscribeVocabulary_disappears": f"{HERE}::test_vocabulary_disappears",
    "TestAccTranscribeVocabularyFilter_basic": f"{HERE}::test_vocabulary_filter_basic",
    "TestAccTranscribeVocabularyFilter_basicWords": f"{HERE}::test_vocabulary_filter_basic_words",
    "TestAccTranscribeVocabularyFilter_update": f"{HERE}::test_vocabulary_filter_update",
    "TestAccTranscribeVocabularyFilter_updateTags": f"{HERE}::test_vocabulary_filter_update_tags",
    "TestAccTranscribeVocabularyFilter_disappears": f"{HERE}::test_vocabulary_filter_disappears",
    "TestAccTranscribeMedicalVocabulary_basic": f"{HERE}::test_medical_vocabulary_basic",
    "TestAccTranscribeMedicalVocabulary_updateS3URI": f"{HERE}::test_medical_vocabulary_update_s3_uri",
    "TestAccTranscribeMedicalVocabulary_updateTags": f"{HERE}::test_medical_vocabulary_update_tags",
    "TestAccTranscribeMedicalVocabulary_disappears": f"{HERE}::test_medical_vocabulary_disappears",
    "TestAccTranscribeLanguageModel_basic": (
        f"{MODEL}::test_a_creation_begins_the_training_starts_the_watcher_and_is_complete"
    ),
    "TestAccTranscribeLanguageModel_updateTags": f"{MODEL}::test_tags_change_in_place_on_every_version",
    "TestAccTranscribeLanguageModel_disappears": (
        f"{MODEL}::test_a_version_deleted_behind_the_stacks_back_is_trained_again"
    ),
    "import, the last step of each basic test": IMPORT,
    "FAILED language model": f"{MODEL}::test_the_wait_fails_with_the_services_reason",
    "training that takes too long": (f"{MODEL}::test_the_wait_fails_when_its_time_is_up_and_says_what_it_waited_for"),
    "language without language models": (
        "tests/unit/test_language_model.py::test_a_language_without_models_is_refused_with_those_that_have_them"
    ),
    "FAILED vocabulary": f"{HERE}::test_vocabulary_from_a_bad_file_has_failed",
    "failure reason text": f"{TROUBLE}::test_failure_names_the_resource_the_reason_and_what_helps",
    "name conflict": (
        "tests/handlers/test_ownership.py::test_fails_when_the_name_is_taken_and_rollback_leaves_the_holder_alone"
    ),
    "delete while PENDING": f"{LIFE}::test_pending_vocabulary_is_not_deleted_before_it_has_settled",
    "delete of a missing one": f"{LIFE}::test_deleting_what_is_already_gone_succeeds",
    "phrases <-> file switch": f"{HERE}::test_switch_between_words_and_file_is_an_update_in_place",
    "same-URI content change": f"{HERE}::test_overwritten_file_at_the_same_uri_is_read_again",
    "same-URI content change, in a template": (
        "tests/unit/test_sources.py::test_an_overwritten_object_is_a_new_vocabulary_when_its_version_is_given"
    ),
    "role not yet propagated": f"{TROUBLE}::test_role_that_becomes_known_in_time_is_no_failure",
    "role lacking access": f"{HERE}::test_role_lacking_access_is_told_with_a_hint_and_mended_by_the_next_deployment",
    "KMS denied": f"{HERE}::test_key_that_is_denied_fails_at_once_and_the_content_before_stays",
    "LimitExceeded": f"{TROUBLE}::test_more_vocabularies_than_may_be_pending_all_become_ready",
    "LimitExceeded for ever": f"{TROUBLE}::test_trouble_that_does_not_end_is_told_before_the_provider_gives_up",
    "rename (replacement order)": f"{HERE}::test_rename_has_the_new_one_ready_before_the_old_one_goes",
    "rollback after failed update": f"{TROUBLE}::test_failed_update_is_rolled_back_to_the_content_before",
    "tag removal to none": "tests/handlers/test_resource_tags.py::test_last_tag_can_be_removed",
    "256th/257th phrase": f"{HERE}::test_there_is_no_limit_at_256_phrases",
    "CRLF file": f"{HERE}::test_crlf_file_that_fails_is_explained",
    "CRLF file, at synth": "tests/unit/test_vocabulary_linter.py::test_a_table_has_a_finding",
    "unicode names": f"{LIFE}::test_fails_when_the_name_is_illegal_before_anything_is_asked",
    "unicode names of files and tags": f"{HERE}::test_unicode_in_file_names_tags_and_content_arrives_as_it_is",
}

HEADER = "Phrase\tSoundsLike\tIPA\tDisplayAs\n"
TAGS_OF_OURS = {"cdk-transcribe:owner", "cdk-transcribe:digest"}
ROLE = "arn:aws:iam::000000000000:role/reader"
ENCRYPTION = {"KMSKey": "arn:aws:kms:us-east-1:000000000000:key/1b2c3d4e-0000-4000-8000-000000000000"}
KINDS = ("Vocabulary", "MedicalVocabulary", "VocabularyFilter")
Upload = Callable[[str, str], str]


@pytest.fixture
def upload(client: Any, bucket: str) -> Upload:
    """Put a file into S3 and answer with its URI."""

    def put(key: str, body: str) -> str:
        client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())
        return f"s3://{bucket}/{key}"

    return put


def from_file(kind: str, uri: str, name: str = "terms") -> dict[str, Any]:
    stem = kind.removeprefix("Medical")
    return {f"{stem}Name": name, "LanguageCode": "en-US", f"{stem}FileUri": uri}


def from_words(kind: str, *words: str, name: str = "terms", language: str = "en-US") -> dict[str, Any]:
    field = {"Vocabulary": "Phrases", "VocabularyFilter": "Words"}[kind]
    return {f"{kind}Name": name, "LanguageCode": language, field: list(words)}


def file_of(kind: str, *words: str) -> str:
    if kind == "VocabularyFilter":
        return "".join(f"{word}\n" for word in words)
    return HEADER + "".join(f"{word}\t\t\t\n" for word in words)


def tag_list(**tags: str) -> dict[str, Any]:
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def user_tags(entry: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in entry["Tags"].items() if key not in TAGS_OF_OURS}


def sha256(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


# Terraform's own tests


def check_basic(template: Any, resources: Any, upload: Upload, kind: str, arn_type: str) -> None:
    body = file_of(kind, "Los-Angeles", "CLI")

    attributes = template(kind).create(**from_file(kind, upload("test1.txt", body)), **tag_list(tag1="a", tag2="b"))

    arn = f"arn:aws:transcribe:us-east-1:000000000000:{arn_type}/terms"
    assert attributes == {"Name": "terms", "Arn": arn, "State": "READY"}
    made = resources()["terms"]
    assert made["Kind"] == kind
    assert made["Arn"] == arn
    assert made["LanguageCode"] == "en-US"
    assert made["ContentSha256"] == sha256(body)
    assert user_tags(made) == {"tag1": "a", "tag2": "b"}


def check_update_s3_uri(template: Any, resources: Any, aws: LocalAws, upload: Upload, kind: str) -> None:
    resource = template(kind)
    resource.create(**from_file(kind, upload("test1.txt", file_of(kind, "CLI"))))

    resource.update(**from_file(kind, upload("test2.txt", file_of(kind, "Eva-Maria"))))

    assert resources()["terms"]["ContentSha256"] == sha256(file_of(kind, "Eva-Maria"))
    assert aws.calls()[f"Create{kind}"] == aws.calls()[f"Update{kind}"] == 1
    assert f"Delete{kind}" not in aws.calls()


def check_update_tags(template: Any, resources: Any, aws: LocalAws, upload: Upload, kind: str) -> None:
    properties = from_file(kind, upload("test1.txt", file_of(kind, "CLI")))
    resource = template(kind)
    resource.create(**properties, **tag_list(key1="value1"))
    assert user_tags(resources()["terms"]) == {"key1": "value1"}

    resource.update(**properties, **tag_list(key1="value1updated", key2="value2"))
    assert user_tags(resources()["terms"]) == {"key1": "value1updated", "key2": "value2"}

    resource.update(**properties, **tag_list(key2="value2"))
    assert user_tags(resources()["terms"]) == {"key2": "value2"}
    assert set(resources()["terms"]["Tags"]) == {"key2", *TAGS_OF_OURS}
    assert f"Update{kind}" not in aws.calls()


def check_disappears(*, template: Any, resources: Any, client: Any, upload: Upload, kind: str, delete: str) -> None:
    properties = from_file(kind, upload("test1.txt", file_of(kind, "CLI")))
    resource = template(kind)
    resource.create(**properties)
    field_of_name = next(iter(properties))
    getattr(client("transcribe"), delete)(**{field_of_name: "terms"})
    assert resources() == {}

    resource.update(**properties, **tag_list(any="change"))
    assert user_tags(resources()["terms"]) == {"any": "change"}

    getattr(client("transcribe"), delete)(**{field_of_name: "terms"})
    resource.delete()
    assert resources() == {}


def test_vocabulary_basic(template: Any, resources: Any, upload: Upload) -> None:
    check_basic(template, resources, upload, "Vocabulary", "vocabulary")


def test_vocabulary_basic_phrases(template: Any, resources: Any) -> None:
    template("Vocabulary").create(**from_words("Vocabulary", "Los-Angeles", "CLI", "Eva-Maria"))

    assert resources()["terms"]["VocabularyState"] == "READY"
    assert resources()["terms"]["ContentSha256"] == sha256("Los-Angeles\nCLI\nEva-Maria")


def test_vocabulary_update_s3_uri(template: Any, resources: Any, aws: LocalAws, upload: Upload) -> None:
    check_update_s3_uri(template, resources, aws, upload, "Vocabulary")


def test_vocabulary_update_tags(template: Any, resources: Any, aws: LocalAws, upload: Upload) -> None:
    check_update_tags(template, resources, aws, upload, "Vocabulary")


def test_vocabulary_disappears(template: Any, resources: Any, client: Any, upload: Upload) -> None:
    check_disappears(
        template=template,
        resources=resources,
        client=client,
        upload=upload,
        kind="Vocabulary",
        delete="delete_vocabulary",
    )


def test_vocabulary_filter_basic(template: Any, resources: Any, upload: Upload) -> None:
    check_basic(template, resources, upload, "VocabularyFilter", "vocabulary-filter")


def test_vocabulary_filter_basic_words(template: Any, resources: Any) -> None:
    template("VocabularyFilter").create(**from_words("VocabularyFilter", "bucket", "cars", "boards"))

    assert resources()["terms"]["ContentSha256"] == sha256("bucket\ncars\nboards")


def test_vocabulary_filter_update(template: Any, resources: Any, aws: LocalAws, upload: Upload) -> None:
    """Terraform replaces the filter; here it stays the same one, so that jobs never miss it."""
    resource = template("VocabularyFilter")
    resource.create(**from_file("VocabularyFilter", upload("test1.txt", "bucket\n")))

    resource.update(**from_words("VocabularyFilter", "bucket", "cars"))

    assert resources()["terms"]["ContentSha256"] == sha256("bucket\ncars")
    assert "DeleteVocabularyFilter" not in aws.calls()


def test_vocabulary_filter_update_tags(template: Any, resources: Any, aws: LocalAws, upload: Upload) -> None:
    check_update_tags(template, resources, aws, upload, "VocabularyFilter")


def test_vocabulary_filter_disappears(template: Any, resources: Any, client: Any, upload: Upload) -> None:
    check_disappears(
        template=template,
        resources=resources,
        client=client,
        upload=upload,
        kind="VocabularyFilter",
        delete="delete_vocabulary_filter",
    )


def test_medical_vocabulary_basic(template: Any, resources: Any, upload: Upload) -> None:
    check_basic(template, resources, upload, "MedicalVocabulary", "medical-vocabulary")


def test_medical_vocabulary_update_s3_uri(template: Any, resources: Any, aws: LocalAws, upload: Upload) -> None:
    check_update_s3_uri(template, resources, aws, upload, "MedicalVocabulary")


def test_medical_vocabulary_update_tags(template: Any, resources: Any, aws: LocalAws, upload: Upload) -> None:
    check_update_tags(template, resources, aws, upload, "MedicalVocabulary")


def test_medical_vocabulary_disappears(template: Any, resources: Any, client: Any, upload: Upload) -> None:
    check_disappears(
        template=template,
        resources=resources,
        client=client,
        upload=upload,
        kind="MedicalVocabulary",
        delete="delete_medical_vocabulary",
    )


# What Terraform does not test


@pytest.mark.parametrize("kind", ["Vocabulary", "MedicalVocabulary"])
def test_vocabulary_from_a_bad_file_has_failed(
    template: Any, handlers: Any, resources: Any, upload: Upload, kind: str
) -> None:
    resource = template(kind)
    properties = from_file(kind, upload("bad.tsv", f"{HEADER}Los-Angeles\t\t\t\nEvents\n"))
    event = resource.event("Create", properties)

    assert resource.check(event) == {"IsComplete": False}
    assert resources()["terms"]["VocabularyState"] == "FAILED"
    with pytest.raises(handlers.custom_resource.ResourceRequestError, match=r"'terms': .*row 3 has 1 columns"):
        resource.check(event)

    resource.complete(resource.event("Delete", properties, PhysicalResourceId="terms"))
    assert resources() == {}


@pytest.mark.parametrize("kind", ["Vocabulary", "VocabularyFilter"])
def test_switch_between_words_and_file_is_an_update_in_place(
    template: Any, resources: Any, aws: LocalAws, upload: Upload, kind: str
) -> None:
    resource = template(kind)
    words, file = from_words(kind, "bucket"), from_file(kind, upload("test1.txt", file_of(kind, "cars")))
    resource.create(**words)

    resource.update(**file)
    assert resources()["terms"]["ContentSha256"] == sha256(file_of(kind, "cars"))

    resource.update(**words)
    assert resources()["terms"]["ContentSha256"] == sha256("bucket")
    assert f"Delete{kind}" not in aws.calls()


@pytest.mark.parametrize("kind", KINDS)
def test_overwritten_file_at_the_same_uri_is_read_again(
    template: Any, resources: Any, upload: Upload, kind: str
) -> None:
    resource = template(kind)
    properties = from_file(kind, upload("same.txt", file_of(kind, "old")))
    resource.create(**properties, ObjectVersion="1")
    upload("same.txt", file_of(kind, "new"))

    resource.update(**properties, ObjectVersion="2")

    assert resources()["terms"]["ContentSha256"] == sha256(file_of(kind, "new"))


class QuietStack:
    """A CloudFormation that has given nothing up."""

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        return {"StackEvents": []}


@pytest.fixture
def server() -> Iterator[TranscribeServer]:
    """A Transcribe with roles that may not read everything."""
    with TranscribeServer(pending_seconds=0) as server:
        yield server


@pytest.mark.parametrize("kind", ["Vocabulary", "VocabularyFilter"])
def test_role_lacking_access_is_told_with_a_hint_and_mended_by_the_next_deployment(
    server: TranscribeServer, kind: str
) -> None:
    handlers = Handlers({**server.environment, "AWS_MAX_ATTEMPTS": "1"})
    handlers.custom_resource.time = server.clock
    handlers.stack_events.client = QuietStack
    uri = "s3://words/terms.txt"
    server.objects.put(uri, file_of(kind, "word").encode())
    server.objects.unreadable_by[ROLE] = {ObjectLocation.from_uri(uri)}
    resource = TemplateResource(handlers, f"Custom::Transcribe{kind}", STACK_ID, "Terms")
    properties = {**from_file(kind, uri), "DataAccessRoleArn": ROLE}
    event = resource.event("Create", properties)
    event["RequestedAt"] -= 1

    # The role may be so new that IAM does not know its policy everywhere.
    assert resource.check(event) == {"IsComplete": False}
    with pytest.raises(handlers.custom_resource.ResourceRequestError, match=r"'terms': .*DataAccessRoleArn.*GetObject"):
        resource.check({**event, "RequestedAt": event["RequestedAt"] - 121})
    assert server.service.snapshot() == []

    server.objects.unreadable_by.clear()
    assert resource.create(**properties)["State"] == "READY"


@pytest.mark.parametrize("kind", ["Vocabulary", "VocabularyFilter"])
@pytest.mark.parametrize("code", ["BadRequestException", "AccessDeniedException"])
def test_key_that_is_denied_fails_at_once_and_the_content_before_stays(
    *, template: Any, handlers: Any, resources: Any, aws: LocalAws, kind: str, code: str
) -> None:
    resource = template(kind)
    before = from_words(kind, "old")
    resource.create(**before)
    made = resources()["terms"]
    aws.inject_fault(f"Update{kind}", code, "The role isn't authorized to perform: kms:GenerateDataKey", times=1)

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match=r"kms:GenerateDataKey.*symmetric key"):
        resource.update(**from_words(kind, "new"), DataAccessRoleArn=ROLE, EncryptionConfiguration=ENCRYPTION)
    assert resources()["terms"]["ContentSha256"] == made["ContentSha256"]

    resource.update(**before)
    assert {**resources()["terms"], "LastModifiedTime": 0} == {**made, "LastModifiedTime": 0}


@pytest.mark.parametrize("kind", KINDS)
def test_rename_has_the_new_one_ready_before_the_old_one_goes(
    template: Any, handlers: Any, resources: Any, aws: LocalAws, upload: Upload, kind: str
) -> None:
    resource = template(kind)
    uri = upload("test1.txt", file_of(kind, "CLI"))
    resource.create(**from_file(kind, uri, "first"))
    aws.settings(pending_seconds=0.1)
    at_deletion: list[dict[str, str]] = []

    def note(**_: Any) -> None:
        at_deletion.append({name: entry.get("VocabularyState", "READY") for name, entry in resources().items()})

    events = handlers.resource_kind.transcribe.meta.events
    events.register(f"before-call.transcribe.Delete{kind}", note)
    try:
        resource.update(**from_file(kind, uri, "second"))
    finally:
        events.unregister(f"before-call.transcribe.Delete{kind}", note)

    assert at_deletion == [{"first": "READY", "second": "READY"}]
    assert list(resources()) == ["second"]


@pytest.mark.parametrize("kind", ["Vocabulary", "VocabularyFilter"])
def test_there_is_no_limit_at_256_phrases(template: Any, resources: Any, kind: str) -> None:
    """Terraform refuses the 257th; the service counts bytes and not phrases."""
    phrases = [f"word-{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(257)]
    resource = template(kind)
    resource.create(**from_words(kind, *phrases[:256]))

    resource.update(**from_words(kind, *phrases))

    assert resources()["terms"]["ContentSha256"] == sha256("\n".join(phrases))


def test_crlf_file_that_fails_is_explained(terms: Any, handlers: Any, aws: LocalAws, upload: Upload) -> None:
    """The local service reads CRLF; of the real one it is said that it fails, with the sentence of any other error."""
    uri = upload("terms.tsv", file_of("Vocabulary", "CLI").replace("\n", "\r\n"))
    aws.inject_fault("CreateVocabulary", "BadRequestException", "The file contains invalid characters.", times=1)

    with pytest.raises(handlers.custom_resource.ResourceRequestError, match=r"invalid characters.*LF \(CRLF breaks\)"):
        terms.create(**from_file("Vocabulary", uri))


@pytest.mark.parametrize("kind", ["Vocabulary", "VocabularyFilter"])
def test_unicode_in_file_names_tags_and_content_arrives_as_it_is(
    template: Any, resources: Any, upload: Upload, kind: str
) -> None:
    body = file_of(kind, "Größe", "Übung")
    properties = {**from_file(kind, upload("Wörter/größe ☂.txt", body)), "LanguageCode": "de-DE"}
    resource = template(kind)

    resource.create(**properties, **tag_list(Größe="Straße"))

    assert resources()["terms"]["ContentSha256"] == sha256(body)
    assert user_tags(resources()["terms"]) == {"Größe": "Straße"}

    resource.update(**from_words(kind, "Äpfel", language="de-DE"), **tag_list(Größe="ñ"))

    assert resources()["terms"]["ContentSha256"] == sha256("Äpfel")
    assert user_tags(resources()["terms"]) == {"Größe": "ñ"}


# The table


def names_of_tests(path: Path) -> set[str]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("case", COUNTERPARTS)
def test_case_has_a_counterpart(repository: Path, case: str) -> None:
    path, _, name = COUNTERPARTS[case].partition("::")

    assert name in names_of_tests(repository / path)


def test_all_of_terraforms_tests_are_in_the_table() -> None:
    assert sum(case.startswith("TestAccTranscribe") for case in COUNTERPARTS) == 17
