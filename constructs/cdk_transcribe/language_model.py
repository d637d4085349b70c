"""Custom language models: `Custom::TranscribeLanguageModel`, a family of versions of which one serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import jsii
from aws_cdk import Aws, CustomResource, Duration, ITaggableV2, RemovalPolicy, Resource, Stack, TagManager, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, Node

from cdk_transcribe import _finding
from cdk_transcribe._data_access import DataAccess
from cdk_transcribe._finding import Finding
from cdk_transcribe._names import check_name, content_name, family_name
from cdk_transcribe._provider import TranscribeProvider, tags_of
from cdk_transcribe._resource_kinds import ResourceKind
from cdk_transcribe._synthesis_findings import report
from cdk_transcribe._training_wait import TrainingWait, check_patience
from cdk_transcribe._training_watcher import TrainingWatcher
from cdk_transcribe.data_access_role import DataAccessRole
from cdk_transcribe.language_model_pointer import LanguageModelPointer, pointer_arn
from cdk_transcribe.languages import CUSTOM_LANGUAGE_MODEL_LANGUAGES, LANGUAGE_CODES
from cdk_transcribe.sources import BoundSource, content_digest
from cdk_transcribe.training_data import BoundTrainingData, TrainingData

_KIND = ResourceKind.LANGUAGE_MODEL
_MOST_TRAINING_BYTES = 2 * 1024**3
_MOST_TUNING_BYTES = 200 * 1024**2
_MOST_VERSIONS = 9
_NAMESPACE = "cdk-transcribe"


class BaseModel(Enum):
    """The model of Transcribe that a custom one is made from."""

    NARROW_BAND = "NarrowBand"
    """For audio with a sample rate below 16,000 Hz, such as telephone calls."""
    WIDE_BAND = "WideBand"
    """For audio with a sample rate of 16,000 Hz or more."""


class LanguageModelGrants:
    """What can be granted on a language model: `LanguageModel.grants`.

    Naming a model in a transcription job needs no permission on it.
    """

    def __init__(self, language_model: ILanguageModel) -> None:
        self._language_model = language_model

    def read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` ask for the model, for each of its versions and which of them serves."""
        if self._language_model.pointer is not None:
            self._language_model.pointer.grant_read(grantee)
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=_KIND.actions("Describe"),
            resource_arns=[self._language_model.language_model_arn],
        )


class ILanguageModel(Resource):
    """A custom language model, made in this app or elsewhere."""

    @property
    def language_model_name(self) -> str | None:
        """The name of the model; none where a pointer says which version serves."""
        raise NotImplementedError

    @property
    def language_model_arn(self) -> str:
        """The ARN of the model; with a pointer a pattern (`…-*`) that all versions match."""
        raise NotImplementedError

    @property
    def pointer(self) -> LanguageModelPointer | None:
        """What says which version serves; none for a model that has no versions."""
        raise NotImplementedError

    @property
    def language_code(self) -> str | None:
        """The language of the model; none where an import does not say."""
        raise NotImplementedError

    @property
    def grants(self) -> LanguageModelGrants:
        """What can be granted on the model."""
        return LanguageModelGrants(self)

    def awaited(self) -> AwaitedLanguageModel:
        """The model for jobs that are held back until a first version of it serves.

        Without this, jobs use the base model until then. Jobs that are held lie in the pipeline's queue and are tried
        again at growing intervals, up to 15 minutes, for 14 days; then they are recorded as REJECTED.

        Raises:
            ValueError: for a model without versions, which is there or is not.
        """
        if self.pointer is None:
            raise ValueError(f"{self.node.path!r} has no versions to wait for: hand in the model itself")
        return AwaitedLanguageModel(self)


@dataclass(frozen=True)
class AwaitedLanguageModel:
    """A language model that jobs wait for: `LanguageModel.awaited()`.

    Attributes:
        language_model: the model.
    """

    language_model: ILanguageModel

    @property
    def language_code(self) -> str | None:
        """The language of the model."""
        return self.language_model.language_code

    @property
    def node(self) -> Node:
        """Where the model is in the tree of constructs."""
        return self.language_model.node


@jsii.implements(ITaggableV2)
class LanguageModel(ILanguageModel):
    """A custom language model that is trained while the deployment goes on, as a family of versions.

    Training takes hours, which no custom resource may take. So this creates a `Custom::TranscribeLanguageModel` that
    is complete when the training is under way, and a watcher (once a stack, a Step Functions state machine with a
    Lambda function) that sees it to its end: when the version is COMPLETED it moves the pointer, an SSM parameter, to
    it. Until then whatever served goes on serving. `docs/language-models.md` tells what happens in the hours.

    In a job's settings the model stands for the version that serves when the job starts. Until there is one, the job
    uses the base model, or with `language_model=model.awaited()` waits.

    Other data, another base model or another language is a new version, trained beside the one that serves. A key, its
    context and tags are changed in place. What served is deleted an hour after its successor has taken over, so that
    jobs can end. A failed training leaves the pointer alone: see `training_failed_alarm` and `on_training_finished`.

    The deployment fails at once for what Transcribe refuses at once, and with `wait_for_training` also when the
    training fails. Three models may be trained at a time and ten exist in an account and Region; the watcher waits for
    its turn.

    When it leaves the stack, every version of it is deleted, and the pointer. One that is still being trained is waited
    for, 50 minutes at most: then the deletion fails and says so, to be repeated when the training has ended.

    Args:
        language_code: the language of the data, of those that custom language models exist for. Jobs in another
            language silently ignore the model. Changing it trains a new version.
        base_model: the model of Transcribe to start from, by the sample rate of the audio. Changing it trains a new
            version.
        training_data: texts of the field. Changed data train a new version.
        tuning_data: transcripts of what is really said. Changed data train a new version. By default none.
        encryption_key: a symmetric customer-managed key for Transcribe to encrypt the model with. By default it uses a
            key that AWS owns. Changing or removing it re-encrypts every version in place, without training.
        encryption_context: up to 10 pairs of plain text that KMS binds to the encryption and logs, nothing secret.
            Needs `encryption_key`. By default none.
        data_access_role: what Transcribe lists and reads the data and uses the key as. It is granted that, unless you
            hand in `role.without_policy_updates()`; it must trust Transcribe, as a `DataAccessRole` does. By default
            one is made.
        versions_to_keep: how many trained versions stay, the one that serves among them, 1 to 9. By default 1. Going
            back to data whose version is still there needs no training.
        wait_for_training: how long the deployment waits for the training, 12 hours at most: it ends with the training,
            and fails with Transcribe's reason, or when the time is up with what it waited for. The time begins anew
            with each version. By default it goes on at once.
        removal_policy: what happens to the versions and the pointer when the model leaves the stack. By default they
            are deleted: the data are in your app. With `RETAIN` they stay; a training under way then moves no pointer,
            because the watcher goes.

    Raises:
        ValueError: when Transcribe has no custom language models in `language_code`; when it would refuse the data,
            with all that there is to say about them; when `training_data` and `tuning_data` overlap; when
            `versions_to_keep` or `wait_for_training` are out of range; when `encryption_context` stands without
            `encryption_key`; when `encryption_key` is an alias.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        language_code: str,
        base_model: BaseModel,
        training_data: TrainingData,
        tuning_data: TrainingData | None = None,
        encryption_key: kms.IKey | None = None,
        encryption_context: Mapping[str, str] | None = None,
        data_access_role: iam.IRole | None = None,
        versions_to_keep: int = 1,
        wait_for_training: Duration | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        super().__init__(scope, id)
        _check_base_model(base_model)
        _check_versions_to_keep(versions_to_keep)
        check_patience(wait_for_training)
        training = training_data.bind(self, "training")
        tuning = tuning_data.bind(self, "tuning") if tuning_data is not None else None
        report(self, [*_language_findings(language_code), *_findings(training, tuning)])
        _check_overlap(training, tuning)
        digest = content_digest(
            self, [language_code, base_model.value, training.digest, tuning.digest if tuning is not None else None]
        )
        provider = TranscribeProvider.get_or_create(self)
        access = DataAccess(
            self,
            _one_source(training, tuning),
            provider,
            encryption_key=encryption_key,
            encryption_context=encryption_context,
            data_access_role=data_access_role or DataAccessRole(self, "DataAccessRole"),
        )
        assert access.role is not None  # noqa: S101 (given above; tells mypy so)
        self._data_access_role = access.role
        self._language_code = language_code
        self._family_name = family_name(self)
        self._version_name = content_name(self, digest)
        self._watcher = TrainingWatcher.get_or_create(self)
        self._watcher.allow(self._family_name, access.role)
        self._tags = tags_of(_KIND)
        wait = TrainingWait(self, digest, wait_for_training) if wait_for_training is not None else None
        self._resource = CustomResource(
            self,
            "Resource",
            resource_type=_KIND.resource_type,
            service_token=provider.service_token,
            properties={
                _KIND.name_field: self._family_name,
                "ModelName": self._version_name,
                "LanguageCode": language_code,
                "BaseModelName": base_model.value,
                **_input_and_encryption(access.properties, training, tuning),
                "VersionsToKeep": str(versions_to_keep),
                "WatcherArn": self._watcher.machine.state_machine_arn,
                **(wait.properties if wait is not None else {}),
                "Tags": self._tags.rendered_tags,
            },
            removal_policy=removal_policy,
        )
        access.comes_before(self._resource)
        self._resource.node.add_dependency(self._watcher.handing_over)
        if wait is not None:
            wait.begin_after(self._resource)
        self._look_when_transcribe_says_so()
        self._alarm = self._make_alarm()

    @staticmethod
    def from_language_model_name(
        scope: Construct, id: str, language_model_name: str, *, language_code: str | None = None
    ) -> ILanguageModel:
        """A language model of this account and Region that exists already, by its name: one version for ever.

        Args:
            scope: where it is used.
            id: its id there.
            language_model_name: the physical name.
            language_code: its language, for jobs to compare theirs with. By default they do not.

        Raises:
            ValueError: when `language_model_name` is not a name that Transcribe takes.
        """
        check_name("language_model_name", language_model_name)
        arn = _KIND.arn(Stack.of(scope), language_model_name)
        return _ImportedLanguageModel(scope, id, arn, language_code, name=language_model_name)

    @staticmethod
    def from_family_name(
        scope: Construct, id: str, family_name: str, *, language_code: str | None = None
    ) -> ILanguageModel:
        """A `LanguageModel` of another stack in this account and Region, by its `family_name`: with its pointer.

        Args:
            scope: where it is used.
            id: its id there.
            family_name: the name that all its versions begin with.
            language_code: its language, for jobs to compare theirs with. By default they do not.

        Raises:
            ValueError: when `family_name` is not a name that Transcribe takes.
        """
        check_name("family_name", family_name)
        stack = Stack.of(scope)
        pointer = LanguageModelPointer.of_family(stack, family_name)
        arn = _KIND.arn(stack, f"{family_name}-*")
        return _ImportedLanguageModel(scope, id, arn, language_code, pointer=pointer)

    @property
    def family_name(self) -> str:
        """What the names of all versions begin with; known at synthesis."""
        return self._family_name

    @property
    def version_name(self) -> str:
        """The name of the version that this app wishes for; known at synthesis. It may not be trained yet."""
        return self._version_name

    @property
    def language_model_name(self) -> str | None:
        """None: which version serves is what the pointer says."""
        return None

    @property
    def language_model_arn(self) -> str:
        """A pattern (`…-*`) that the ARNs of all versions match, for policies."""
        return _KIND.arn(Stack.of(self), f"{self._family_name}-*")

    @property
    def pointer(self) -> LanguageModelPointer:
        """What says which version serves. It is there as soon as the model is deployed."""
        return LanguageModelPointer(
            self._resource.get_att_string("PointerName"), pointer_arn(Stack.of(self), self._family_name)
        )

    @property
    def language_code(self) -> str:
        """The language of the data."""
        return self._language_code

    @property
    def data_access_role(self) -> iam.IRole:
        """What Transcribe lists and reads the data and uses the key as."""
        return self._data_access_role

    @property
    def watcher(self) -> TrainingWatcher:
        """The state machine (`machine`) and the function (`steps`) that see trainings to their end, one for a stack."""
        return self._watcher

    @property
    def training_failed_alarm(self) -> cloudwatch.Alarm:
        """In alarm when a training has failed within the last five minutes; it has no action of its own."""
        return self._alarm

    @property
    def cdk_tag_manager(self) -> TagManager:
        """The tags that `Tags.of(…)` has added."""
        return self._tags

    def on_training_finished(
        self, id: str, *, target: events.IRuleTarget | None = None, statuses: Sequence[str] = ("COMPLETED", "FAILED")
    ) -> events.Rule:
        """An EventBridge rule for the end of each training: after COMPLETED the pointer has moved, after FAILED not.

        The event: source `cdk-transcribe`, detail-type `Language Model Training Finished`, detail `family_name`,
        `model_name`, `status` and, after FAILED, `failure_reason`. It is sent by the watcher, so that it does not
        depend on Transcribe's own event; it may come twice.

        Args:
            id: the id of the rule in this model.
            target: what to call. By default nothing, until `add_target` of the rule.
            statuses: which ends, of COMPLETED and FAILED. By default both.
        """
        return events.Rule(
            self,
            id,
            event_pattern=events.EventPattern(
                source=["cdk-transcribe"],
                detail_type=["Language Model Training Finished"],
                detail={"family_name": [self._family_name], "status": list(statuses)},
            ),
            targets=[target] if target is not None else [],
        )

    def metric(self, metric_name: str, **options: Any) -> cloudwatch.Metric:
        """A metric of this model in the namespace `cdk-transcribe`: by default the sum over five minutes."""
        return cloudwatch.Metric(
            namespace=_NAMESPACE,
            metric_name=metric_name,
            dimensions_map={"LanguageModel": self._family_name},
            **{"statistic": cloudwatch.Stats.SUM, **options},
        )

    def metric_training_completed(self, **options: Any) -> cloudwatch.Metric:
        """How many trainings have ended with a version that serves."""
        return self.metric("TrainingCompleted", **options)

    def metric_training_failed(self, **options: Any) -> cloudwatch.Metric:
        """How many trainings have failed."""
        return self.metric("TrainingFailed", **options)

    def _make_alarm(self) -> cloudwatch.Alarm:
        return self.metric_training_failed().create_alarm(
            self,
            "TrainingFailedAlarm",
            alarm_description=f"The training of a version of the language model {self._family_name} has failed",
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _look_when_transcribe_says_so(self) -> None:
        name = events.EventField.from_path("$.detail.ModelName")
        arn = f"arn:{Aws.PARTITION}:transcribe:{Aws.REGION}:{Aws.ACCOUNT_ID}:{_KIND.arn_type}/{name}"
        events.Rule(
            self,
            "Changed",
            description="Has the watcher look at once, rather than within five minutes",
            event_pattern=events.EventPattern(
                source=["aws.transcribe"],
                # AWS's list of events has the first, other sources the second; neither says what is in the detail. A
                # guess is enough: the watcher would find out by itself.
                detail_type=["Transcribe Language Model State Change", "Language Model State Change"],
                detail={"ModelName": events.Match.prefix(f"{self._family_name}-")},
            ),
            targets=[
                targets.LambdaFunction(
                    self._watcher.steps,
                    event=events.RuleTargetInput.from_object(
                        {"Step": "Wake", "ModelArn": arn, "WatcherArn": self._watcher.machine.state_machine_arn}
                    ),
                )
            ],
        )


class _ImportedLanguageModel(ILanguageModel):
    def __init__(
        self,
        scope: Construct,
        id: str,
        arn: str,
        language_code: str | None,
        *,
        name: str | None = None,
        pointer: LanguageModelPointer | None = None,
    ) -> None:
        super().__init__(scope, id)
        self._arn = arn
        self._language_code = language_code
        self._name = name
        self._pointer = pointer

    @property
    def language_model_name(self) -> str | None:
        return self._name

    @property
    def language_model_arn(self) -> str:
        return self._arn

    @property
    def pointer(self) -> LanguageModelPointer | None:
        return self._pointer

    @property
    def language_code(self) -> str | None:
        return self._language_code


def _input_and_encryption(
    access: Mapping[str, Any], training: BoundTrainingData, tuning: BoundTrainingData | None
) -> dict[str, Any]:
    """The fields as the API has them here: the role among the data, the key beside them."""
    encryption = {name: value for name, value in access.items() if name != "DataAccessRoleArn"}
    tuning_uri = {"TuningDataS3Uri": tuning.uri} if tuning is not None else {}
    data = {"S3Uri": training.uri, **tuning_uri, "DataAccessRoleArn": access["DataAccessRoleArn"]}
    return {"InputDataConfig": data, **encryption}


def _one_source(training: BoundTrainingData, tuning: BoundTrainingData | None) -> BoundSource:
    def grant_read(grantee: iam.IGrantable) -> None:
        training.grant_read(grantee)
        if tuning is not None:
            tuning.grant_read(grantee)

    return BoundSource(properties={}, digest="", readable=training.uri, grant_read=grant_read)


def _findings(training: BoundTrainingData, tuning: BoundTrainingData | None) -> list[Finding]:
    found = training.findings("training_data", most_bytes=_MOST_TRAINING_BYTES, counts_words=True)
    if tuning is not None:
        found += tuning.findings("tuning_data", most_bytes=_MOST_TUNING_BYTES, counts_words=False)
    return found


def _check_base_model(base_model: object) -> None:
    if not isinstance(base_model, BaseModel):
        names = ", ".join(f"BaseModel.{choice.name}" for choice in BaseModel)
        raise ValueError(f"base_model: {base_model!r} is none of {names}")


def _language_findings(language_code: str) -> list[Finding]:
    if Token.is_unresolved(language_code) or language_code in CUSTOM_LANGUAGE_MODEL_LANGUAGES:
        return []
    supported = ", ".join(sorted(CUSTOM_LANGUAGE_MODEL_LANGUAGES))
    if language_code in LANGUAGE_CODES:
        message = f"Transcribe has no custom language models in {language_code}: use one of {supported}"
        return [replace(_finding.error("language-without-models", message), file="language_code")]
    message = f"{language_code!r} is no language code known here: write it as in en-US, one of {supported}"
    return [replace(_finding.warning("language-unknown", message), file="language_code")]


def _check_versions_to_keep(versions_to_keep: int) -> None:
    if not 1 <= versions_to_keep <= _MOST_VERSIONS:
        raise ValueError(
            f"versions_to_keep={versions_to_keep} is out of range: keep 1 to {_MOST_VERSIONS}, because an account has "
            "ten models and the next version needs a place"
        )


def _check_overlap(training: BoundTrainingData, tuning: BoundTrainingData | None) -> None:
    if tuning is not None and (training.uri.startswith(tuning.uri) or tuning.uri.startswith(training.uri)):
        raise ValueError(
            "training_data and tuning_data overlap: Transcribe reads every object below a prefix, so each needs a "
            "prefix of its own that is not part of the other's"
        )
