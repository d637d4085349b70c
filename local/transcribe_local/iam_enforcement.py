"""What IAM has to say about Transcribe's requests, and about events, for a ministack that enforces it.

ministack checks that the caller may call an operation. Here is what it does not know of Transcribe: which
resource an operation is about, which further permissions a request needs, and with whose permissions the
service uses S3.
"""

import hashlib
import json
from typing import Any

import ministack.app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import request_scope
from ministack.services import iam, sts

from transcribe_local.object_store import InaccessibleObjectError, ObjectLocation
from transcribe_local.scope import Scope
from transcribe_local.service_error import ServiceError

_SERVICE = "transcribe.amazonaws.com"
_OUTPUT_FIELDS = ("OutputBucketName", "OutputKey", "OutputEncryptionKMSKeyId", "OutputLocation")
# IAM knows no resources for operations that create or list.
_VERBS_ON_RESOURCES = ("Get", "Describe", "Update", "Delete")
_RESOURCES = {
    "MedicalVocabulary": ("VocabularyName", "medical-vocabulary"),
    "VocabularyFilter": ("VocabularyFilterName", "vocabulary-filter"),
    "Vocabulary": ("VocabularyName", "vocabulary"),
    "LanguageModel": ("ModelName", "language-model"),
    "CallAnalyticsCategory": ("CategoryName", "analytics-category"),
    "CallAnalyticsJob": ("CallAnalyticsJobName", "analytics"),
    "MedicalTranscriptionJob": ("MedicalTranscriptionJobName", "medical-transcription-job"),
    "MedicalScribeJob": ("MedicalScribeJobName", "medical-scribe-job"),
    "TranscriptionJob": ("TranscriptionJobName", "transcription-job"),
}


def resource_arn(operation: str, request: dict[str, Any], scope: Scope) -> str:
    """The ARN that a policy must name to allow an operation; `*` where none will do."""
    verb = next((verb for verb in _VERBS_ON_RESOURCES if operation.startswith(verb)), "")
    field, arn_type = _RESOURCES.get(operation.removeprefix(verb), ("", ""))
    return scope.arn(arn_type, request[field]) if verb and field in request else "*"


def name_resources() -> None:
    """Have ministack check Transcribe's operations against the resource they are about."""
    known = iam_actions.extract_resource_arn

    def with_transcribe(service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any) -> Any:
        if service != "transcribe":
            return known(service, method, path, headers, body, *rest)
        _, region, account_id = rest
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        return resource_arn(operation, _json_object(body), Scope(account_id, region))

    iam_actions.extract_resource_arn = with_transcribe


def name_outputs() -> None:
    """Have ministack give policies Transcribe's own condition keys, which say where a job's output goes."""
    known = iam_actions.request_tag_context

    def with_outputs(service: str, action: str, body: bytes, parameters: Any) -> dict[str, Any]:
        context: dict[str, Any] = known(service, action, body, parameters)
        return {**context, **(output_keys(_json_object(body)) if service == "transcribe" else {})}

    iam_actions.request_tag_context = with_outputs


def name_events() -> None:
    """Have ministack give policies EventBridge's condition keys, which say what events are put."""
    known = iam_actions.request_tag_context

    def with_events(service: str, action: str, body: bytes, parameters: Any) -> dict[str, Any]:
        context: dict[str, Any] = known(service, action, body, parameters)
        return {**context, **(event_keys(_json_object(body)) if action == "events:PutEvents" else {})}

    iam_actions.request_tag_context = with_events


def event_keys(request: dict[str, Any]) -> dict[str, Any]:
    """The condition keys `events:…` of events, as far as they have them in common: each event is checked."""
    entries = request.get("Entries", [])
    return {
        key: entries[0][field]
        for key, field in (("events:source", "Source"), ("events:detail-type", "DetailType"))
        if len({entry.get(field) for entry in entries}) == 1 and entries[0].get(field)
    }


def output_keys(request: dict[str, Any]) -> dict[str, Any]:
    """The condition keys `transcribe:Output…` of a request."""
    return {f"transcribe:{field}": request[field] for field in _OUTPUT_FIELDS if field in request}


def check_request(scope: Scope, access_key: str, operation: str, request: dict[str, Any]) -> None:
    """Check the roles that a request passes and the tags that it sets. Raises AccessDeniedException."""
    role_arns = {part.get("DataAccessRoleArn") for part in (request, *_structures(request))} - {None}
    for role_arn in sorted(map(str, role_arns)):
        _check(scope, access_key, "iam:PassRole", role_arn, {"iam:PassedToService": _SERVICE})
    if request.get("Tags") and operation != "TagResource":
        _check(scope, access_key, "transcribe:TagResource", "*", {})


def check_object(scope: Scope, access_key: str, action: str, location: ObjectLocation, role_arn: str | None) -> None:
    """Raise InaccessibleObjectError unless the role, or without one the caller, may do this to an object.

    A location without a key is the bucket itself.
    """
    if not ministack.app.AUTH:
        return
    arn = f"arn:aws:s3:::{location.bucket}" + (f"/{location.key}" if location.key else "")
    if role_arn and not _trusts_transcribe(scope, role_arn):
        raise InaccessibleObjectError(f"{role_arn} does not trust {_SERVICE}")
    if _is_denied(scope, _role_session(role_arn) if role_arn else access_key, action, arn, {}):
        raise InaccessibleObjectError(arn)


def _check(scope: Scope, access_key: str, action: str, arn: str, context: dict[str, Any]) -> None:
    if ministack.app.AUTH and _is_denied(scope, access_key, action, arn, context):
        raise ServiceError(
            "AccessDeniedException", f"The caller is not authorized to perform: {action} on resource: {arn}"
        )


def _is_denied(scope: Scope, access_key: str, action: str, arn: str, context: dict[str, Any]) -> bool:
    service = action.partition(":")[0]
    with request_scope(*scope):
        denial = iam_evaluator.enforce(
            access_key, action, service, scope.region, resource_arn=arn, service_context=context
        )
    return denial is not None


def _trusts_transcribe(scope: Scope, role_arn: str) -> bool:
    with request_scope(*scope):
        role = iam._roles.get(role_arn.rpartition("/")[2]) or {}
    context = iam_evaluator.EvalContext(
        principal_arn=_SERVICE,
        principal_type="Service",
        principal_account=scope.account_id,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=scope.region,
        service_context={
            "aws:sourceaccount": scope.account_id,
            "aws:sourcearn": f"arn:aws:transcribe:{scope.region}:{scope.account_id}:*",
        },
    )
    trust = iam_evaluator.evaluate_resource_policy(role.get("AssumeRolePolicyDocument"), context, _SERVICE)
    return bool(trust.decision == "Allow")


def _role_session(role_arn: str) -> str:
    digest = hashlib.sha256(role_arn.encode()).hexdigest().upper()
    access_key, role_name = f"ASIA{digest[:16]}", role_arn.rpartition("/")[2]
    arn = f"arn:aws:sts::{role_arn.split(':')[4]}:assumed-role/{role_name}/transcribe"
    session = {
        "Arn": arn,
        "UserId": f"{role_name}:transcribe",
        "SecretAccessKey": digest,
        "SessionToken": digest,
    }
    sts.register_session(access_key, session)
    return access_key


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}
    return request if isinstance(request, dict) else {}


def _structures(request: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in request.values() if isinstance(part, dict)]
