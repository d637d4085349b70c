from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match, Template

from cdk_transcribe import BaseModel, DataAccessRole, LanguageModel, TrainingData, Vocabulary, VocabularySource
from cdk_transcribe._provider import TranscribeProvider

from .rendered import ANYWHERE, condition, logical_id, permissions, properties, resolved, resource, text

MODEL = "Custom::TranscribeLanguageModel"
ENVIRONMENT = "<AWS::Region>:<AWS::AccountId>"


def model_in(
    scope: cdk.Stack,
    id: str = "Model",
    *,
    prefix: str = "texts/",
    object_version: str | None = None,
    tuning_prefix: str | None = None,
    **arguments: Any,
) -> LanguageModel:
    """A model of texts in a bucket that only has a name."""
    bucket: Any = scope.node.try_find_child("Corpus") or s3.Bucket.from_bucket_name(scope, "Corpus", "corpus")
    tuning = {} if tuning_prefix is None else {"tuning_data": TrainingData.from_bucket(bucket, tuning_prefix)}
    defaults = {
        "language_code": "en-US",
        "base_model": BaseModel.WIDE_BAND,
        "training_data": TrainingData.from_bucket(bucket, prefix, object_version=object_version),
        **tuning,
    }
    return LanguageModel(scope, id, **{**defaults, **arguments})


@cache
def usual_names() -> tuple[str, str]:
    return names()


def names(*, construct_id: str = "Model", stack_id: str = "Stack", **arguments: Any) -> tuple[str, str]:
    """The family and the version that a deployment of its own would give."""
    model = model_in(cdk.Stack(cdk.App(), stack_id), construct_id, **arguments)
    return model.family_name, model.version_name


def document(template: Template, policy_id: str) -> list[dict[str, Any]]:
    policy = template.find_resources("AWS::IAM::ManagedPolicy")[policy_id]
    statements: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return statements


# The resource


def test_the_fields_are_those_of_the_api_and_what_the_watcher_needs(context: dict[str, Any]) -> None:
    stack = cdk.Stack(cdk.App(context=context), "Stack")

    model = model_in(stack)

    template = Template.from_stack(stack)
    assert properties(template, model) == {
        "ServiceToken": ANY,
        "FamilyName": model.family_name,
        "ModelName": model.version_name,
        "LanguageCode": "en-US",
        "BaseModelName": "WideBand",
        "InputDataConfig": {
            "S3Uri": "s3://corpus/texts/",
            "DataAccessRoleArn": {"Fn::GetAtt": [logical_id(model.data_access_role), "Arn"]},
        },
        "VersionsToKeep": "1",
        "WatcherArn": {"Ref": logical_id(model.watcher.machine)},
    }
    assert resource(template, model)["DeletionPolicy"] == "Delete"


def test_tuning_data_stand_beside_training_data(stack: cdk.Stack) -> None:
    model = model_in(stack, tuning_prefix="spoken/")

    rendered = properties(Template.from_stack(stack), model)
    assert rendered["InputDataConfig"]["TuningDataS3Uri"] == "s3://corpus/spoken/"


def test_a_version_is_called_as_its_family_and_a_digest() -> None:
    family, version = usual_names()

    assert re.fullmatch(r"Stack-Model-[0-9A-F]{8}", family)
    assert re.fullmatch(rf"{family}-[0-9a-f]{{10}}", version)


def test_names_fit_into_what_the_service_takes() -> None:
    family, version = names(construct_id="M" * 200)

    assert len(version) <= 200
    assert version.startswith(f"{family}-")


@pytest.mark.parametrize(
    "change",
    [
        {"language_code": "en-GB"},
        {"base_model": BaseModel.NARROW_BAND},
        {"prefix": "other/"},
        {"tuning_prefix": "spoken/"},
        {"object_version": "2"},
    ],
    ids=["language", "base model", "data", "tuning data", "object version"],
)
def test_another_version_of_the_same_family_comes_with(change: dict[str, Any]) -> None:
    family, version = names(**change)

    assert family == usual_names()[0]
    assert version != usual_names()[1]


def test_another_version_comes_with_changed_texts(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("It was the best of times.\n")
    before = names(training_data=TrainingData.from_directory(tmp_path))
    file.write_text("It was the worst of times.\n")

    assert names(training_data=TrainingData.from_directory(tmp_path)) != before


@pytest.mark.parametrize(
    "change",
    [
        {"versions_to_keep": 3},
        {"removal_policy": cdk.RemovalPolicy.RETAIN},
    ],
    ids=["versions to keep", "removal policy"],
)
def test_nothing_is_trained_anew_for(change: dict[str, Any]) -> None:
    assert names(**change) == usual_names()


def test_nothing_is_trained_anew_for_a_key_a_role_a_wait_or_tags(stack: cdk.Stack) -> None:
    key, role = kms.Key(stack, "Key"), DataAccessRole(stack, "Role")
    hours = cdk.Duration.hours(10)
    model = model_in(stack, encryption_key=key, data_access_role=role, wait_for_training=hours)
    cdk.Tags.of(model).add("team", "calls")

    assert (model.family_name, model.version_name) == usual_names()


def test_tags_reach_the_model(stack: cdk.Stack) -> None:
    model = model_in(stack)
    cdk.Tags.of(model).add("team", "calls")

    assert properties(Template.from_stack(stack), model)["Tags"] == [{"Key": "team", "Value": "calls"}]


def test_a_key_is_used_by_the_role_alone(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    model = model_in(stack, encryption_key=key, encryption_context={"purpose": "calls"})

    template = Template.from_stack(stack)
    assert properties(template, model)["EncryptionConfiguration"] == {
        "KMSKey": {"Fn::GetAtt": [logical_id(key), "Arn"]},
        "KMSEncryptionContext": {"purpose": "calls"},
    }
    assert ("kms:DescribeKey", resolved(stack, key.key_arn), ANYWHERE) in permissions(template, model.data_access_role)
    handler = TranscribeProvider.get_or_create(stack).is_complete.role
    assert handler is not None
    assert not [action for action, _, _ in permissions(template, handler) if action.startswith("kms:")]


def test_a_role_of_ones_own_is_used_and_no_other_made(stack: cdk.Stack) -> None:
    role = DataAccessRole(stack, "Role")

    model = model_in(stack, data_access_role=role)

    assert model.data_access_role is role
    assert model.node.try_find_child("DataAccessRole") is None


def test_a_model_that_is_to_stay_stays(stack: cdk.Stack) -> None:
    model = model_in(stack, removal_policy=cdk.RemovalPolicy.RETAIN)

    assert resource(Template.from_stack(stack), model)["DeletionPolicy"] == "Retain"


# What is refused


def test_a_language_without_models_is_refused_with_those_that_have_them(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match=r"no custom language models in fr-FR: use one of de-DE, .* ja-JP"):
        model_in(stack, language_code="fr-FR")


def test_a_language_that_is_unknown_here_is_a_warning(stack: cdk.Stack) -> None:
    model_in(stack, language_code="xx-XX")

    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp("'xx-XX' is no language code known here"))


def test_a_language_that_is_known_at_deployment_only_passes(stack: cdk.Stack) -> None:
    model_in(stack, language_code=cdk.CfnParameter(stack, "Language").value_as_string)

    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


@pytest.mark.parametrize("number", [0, 10, -1])
def test_a_number_of_versions_that_an_account_cannot_hold_is_refused(shared_stack: cdk.Stack, number: int) -> None:
    with pytest.raises(ValueError, match=rf"versions_to_keep={number} is out of range: keep 1 to 9"):
        model_in(shared_stack, f"Keep{number}", versions_to_keep=number)


def test_a_base_model_by_its_name_is_refused_with_those_that_exist(shared_stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match=r"'WideBand' is none of BaseModel.NARROW_BAND, BaseModel.WIDE_BAND"):
        model_in(shared_stack, "Base", base_model="WideBand")


@pytest.mark.parametrize("seconds", [43_201, 30], ids=["too long", "too short"])
def test_a_wait_that_cloudformation_cannot_do_is_refused(shared_stack: cdk.Stack, seconds: int) -> None:
    with pytest.raises(ValueError, match=rf"wait_for_training of {seconds} seconds is not possible.*12 hours at most"):
        model_in(shared_stack, f"Wait{seconds}", wait_for_training=cdk.Duration.seconds(seconds))


# The wait


def test_without_a_wait_the_deployment_goes_on_at_once(stack: cdk.Stack) -> None:
    model_in(stack)

    Template.from_stack(stack).resource_count_is("AWS::CloudFormation::WaitCondition", 0)


def test_the_deployment_waits_once_the_training_is_under_way(stack: cdk.Stack) -> None:
    model = model_in(stack, wait_for_training=cdk.Duration.hours(10))

    template = Template.from_stack(stack)
    ((handle, _),) = template.find_resources("AWS::CloudFormation::WaitConditionHandle").items()
    (condition_,) = template.find_resources("AWS::CloudFormation::WaitCondition").values()
    assert condition_["DependsOn"] == [logical_id(model)]
    # A little longer than asked for: the watcher's reason comes before CloudFormation's silence.
    assert condition_["Properties"] == {"Count": 1, "Handle": {"Ref": handle}, "Timeout": str(10 * 3600 + 900)}
    rendered = properties(template, model)
    assert rendered["WaitConditionUrl"] == {"Ref": handle}
    assert rendered["WaitSeconds"] == "36000"


def test_no_wait_is_longer_than_cloudformation_allows(stack: cdk.Stack) -> None:
    model_in(stack, wait_for_training=cdk.Duration.hours(12))

    (found,) = Template.from_stack(stack).find_resources("AWS::CloudFormation::WaitCondition").values()
    assert found["Properties"]["Timeout"] == "43200"


def test_each_version_has_a_wait_of_its_own() -> None:
    def waits(prefix: str) -> set[str]:
        stack = cdk.Stack(cdk.App(), "Stack")
        model_in(stack, prefix=prefix, wait_for_training=cdk.Duration.hours(10))
        found = Template.from_stack(stack).to_json()["Resources"].items()
        return {name for name, one in found if one["Type"].startswith("AWS::CloudFormation::Wait")}

    assert waits("texts/") == waits("texts/")
    assert not waits("texts/") & waits("other/")


# The watcher


def test_two_models_share_one_watcher(stack: cdk.Stack) -> None:
    first, second = model_in(stack, "First"), model_in(stack, "Second")

    assert first.watcher is second.watcher


def test_every_state_of_the_machine_can_be_reached_and_left(stack: cdk.Stack) -> None:
    model = model_in(stack)

    machine = properties(Template.from_stack(stack), model.watcher.machine)
    definition = json.loads(text(machine["DefinitionString"]))
    states = definition["States"]
    reached = {definition["StartAt"]}
    for state in states.values():
        following = [state, *state.get("Choices", []), *state.get("Catch", [])]
        reached |= {one["Next"] for one in following if "Next" in one} | {state.get("Default", definition["StartAt"])}
        assert state["Type"] in ("Succeed", "Fail") or "Next" in state or "Default" in state
    assert reached == set(states)
    assert definition["TimeoutSeconds"] == 7 * 86400


def test_the_secret_of_the_wait_condition_is_in_no_log_of_the_machine(stack: cdk.Stack) -> None:
    model = model_in(stack)

    machine = properties(Template.from_stack(stack), model.watcher.machine)
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False


def test_the_watcher_may_do_what_its_models_need_and_no_more(stack: cdk.Stack) -> None:
    model = model_in(stack)

    template = Template.from_stack(stack)
    role = model.watcher.steps.role
    assert role is not None
    transcribe = f"arn:<AWS::Partition>:transcribe:{ENVIRONMENT}"
    machine = logical_id(model.watcher.machine)
    logs = f"<{logical_id(model.watcher.node.find_child('StepsLogs'))}.Arn>"
    parameter = f"arn:<AWS::Partition>:ssm:{ENVIRONMENT}:parameter/cdk-transcribe/language-model/{model.family_name}"
    assert permissions(template, role) == {
        ("logs:CreateLogStream", logs, ANYWHERE),
        ("logs:PutLogEvents", logs, ANYWHERE),
        ("transcribe:CreateLanguageModel", "*", ANYWHERE),
        ("transcribe:ListLanguageModels", "*", ANYWHERE),
        ("transcribe:TagResource", "*", ANYWHERE),
        ("transcribe:UntagResource", "*", ANYWHERE),
        ("transcribe:ListTagsForResource", "*", ANYWHERE),
        ("transcribe:UpdateLanguageModel", f"{transcribe}:language-model/{model.family_name}-*", ANYWHERE),
        ("transcribe:DeleteLanguageModel", f"{transcribe}:language-model/{model.family_name}-*", ANYWHERE),
        ("ssm:GetParameter", parameter, ANYWHERE),
        ("ssm:PutParameter", parameter, ANYWHERE),
        ("ssm:ListTagsForResource", parameter, ANYWHERE),
        (
            "iam:PassRole",
            resolved(stack, model.data_access_role.role_arn),
            condition(StringEquals={"iam:PassedToService": "transcribe.amazonaws.com"}),
        ),
        (
            "events:PutEvents",
            f"arn:<AWS::Partition>:events:{ENVIRONMENT}:event-bus/default",
            condition(StringEquals={"events:source": "cdk-transcribe"}),
        ),
        (
            "states:DescribeExecution",
            f"arn:<AWS::Partition>:states:{ENVIRONMENT}:execution:<{machine}.Name>:*",
            ANYWHERE,
        ),
    }


def test_the_custom_resource_keeps_its_permissions_until_the_last_model_is_gone(stack: cdk.Stack) -> None:
    # Another kind keeps the handler's own policy in the stack.
    Vocabulary(stack, "Terms", language_code="en-US", source=VocabularySource.from_phrases(["Los-Angeles"]))
    model = model_in(stack)

    template = Template.from_stack(stack)
    policy = logical_id(model.watcher.handing_over)
    assert policy in resource(template, model)["DependsOn"]
    machine = logical_id(model.watcher.machine)
    parameters = f"arn:<AWS::Partition>:ssm:{ENVIRONMENT}:parameter/cdk-transcribe/language-model/*"
    executions = f"arn:<AWS::Partition>:states:{ENVIRONMENT}:execution:<{machine}.Name>:*"
    models = f"arn:<AWS::Partition>:transcribe:{ENVIRONMENT}:language-model/*"
    allowed = {
        (action, text(statement["Resource"]))
        for statement in document(template, policy)
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    }
    assert allowed == {
        ("transcribe:CreateLanguageModel", "*"),
        ("transcribe:ListLanguageModels", "*"),
        ("transcribe:UpdateLanguageModel", models),
        ("transcribe:DeleteLanguageModel", models),
        ("ssm:AddTagsToResource", parameters),
        ("ssm:DeleteParameter", parameters),
        ("ssm:GetParameter", parameters),
        ("ssm:ListTagsForResource", parameters),
        ("ssm:PutParameter", parameters),
        ("states:StartExecution", f"<{machine}>"),
        ("states:DescribeExecution", executions),
        ("states:StopExecution", executions),
    }


def test_the_machine_may_call_its_function_and_write_its_log(stack: cdk.Stack) -> None:
    model = model_in(stack)

    role = model.watcher.machine.role
    assert isinstance(role, iam.Role)
    allowed = {
        (action, target) for action, target, _ in permissions(Template.from_stack(stack), role) if "logs:" not in action
    }
    assert allowed == {("lambda:InvokeFunction", f"<{logical_id(model.watcher.steps)}.Arn>")}


def test_an_event_of_transcribe_about_the_family_makes_the_look_come_sooner(stack: cdk.Stack) -> None:
    model = model_in(stack)

    template = Template.from_stack(stack)
    rule = properties(template, model.node.find_child("Changed"))
    assert rule["EventPattern"] == {
        "source": ["aws.transcribe"],
        "detail-type": ["Transcribe Language Model State Change", "Language Model State Change"],
        "detail": {"ModelName": [{"prefix": f"{model.family_name}-"}]},
    }
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": [logical_id(model.watcher.steps), "Arn"]}
    assert target["InputTransformer"]["InputPathsMap"] == {"detail-ModelName": "$.detail.ModelName"}
    assert json.loads(text(target["InputTransformer"]["InputTemplate"])) == {
        "Step": "Wake",
        "ModelArn": f"arn:<AWS::Partition>:transcribe:{ENVIRONMENT}:language-model/<detail-ModelName>",
        "WatcherArn": f"<{logical_id(model.watcher.machine)}>",
    }


# What others may know of it


def test_the_end_of_a_training_can_be_listened_to(stack: cdk.Stack) -> None:
    model = model_in(stack)
    topic = sns.Topic(stack, "Topic")

    rule = model.on_training_finished("Failed", target=targets.SnsTopic(topic), statuses=["FAILED"])

    rendered = properties(Template.from_stack(stack), rule)
    assert rendered["EventPattern"] == {
        "source": ["cdk-transcribe"],
        "detail-type": ["Language Model Training Finished"],
        "detail": {"family_name": [model.family_name], "status": ["FAILED"]},
    }
    assert rendered["Targets"][0]["Arn"] == {"Ref": logical_id(topic)}


def test_both_ends_of_a_training_are_listened_to_by_default(stack: cdk.Stack) -> None:
    rule = model_in(stack).on_training_finished("Finished")

    assert properties(Template.from_stack(stack), rule)["EventPattern"]["detail"]["status"] == ["COMPLETED", "FAILED"]


def test_a_failed_training_raises_an_alarm(stack: cdk.Stack) -> None:
    model = model_in(stack)

    alarm = properties(Template.from_stack(stack), model.training_failed_alarm)
    assert {
        "Namespace": "cdk-transcribe",
        "MetricName": "TrainingFailed",
        "Dimensions": [{"Name": "LanguageModel", "Value": model.family_name}],
        "Statistic": "Sum",
        "Period": 300,
        "Threshold": 1,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }.items() <= alarm.items()


@pytest.mark.parametrize(
    ("method", "name"),
    [("metric_training_completed", "TrainingCompleted"), ("metric_training_failed", "TrainingFailed")],
)
def test_trainings_are_counted(shared_stack: cdk.Stack, method: str, name: str) -> None:
    model = model_in(shared_stack, f"Counted{name}")

    metric = getattr(model, method)(period=cdk.Duration.hours(1))

    assert (metric.namespace, metric.metric_name, metric.statistic) == ("cdk-transcribe", name, "Sum")
    assert metric.dimensions == {"LanguageModel": model.family_name}
    assert metric.period.to_hours() == 1


def test_the_pointer_can_be_read_by_whoever_is_let(stack: cdk.Stack) -> None:
    model = model_in(stack)
    reader = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))

    model.pointer.grant_read(reader)

    parameter = f"arn:<AWS::Partition>:ssm:{ENVIRONMENT}:parameter/cdk-transcribe/language-model/{model.family_name}"
    assert permissions(Template.from_stack(stack), reader) == {("ssm:GetParameter", parameter, ANYWHERE)}
    assert resolved(stack, model.pointer.parameter_name) == f"<{logical_id(model)}.PointerName>"


def test_reading_a_model_is_reading_its_versions_and_its_pointer(stack: cdk.Stack) -> None:
    model = model_in(stack)
    reader = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))

    model.grants.read(reader)

    versions = f"arn:<AWS::Partition>:transcribe:{ENVIRONMENT}:language-model/{model.family_name}-*"
    allowed = permissions(Template.from_stack(stack), reader)
    assert ("transcribe:DescribeLanguageModel", versions, ANYWHERE) in allowed
    assert {action for action, _, _ in allowed} == {"transcribe:DescribeLanguageModel", "ssm:GetParameter"}


def test_a_model_that_exists_has_a_name_and_no_pointer(stack: cdk.Stack) -> None:
    model = LanguageModel.from_language_model_name(stack, "Theirs", "calls-2025", language_code="en-US")

    assert (model.language_model_name, model.pointer, model.language_code) == ("calls-2025", None, "en-US")
    arn = f"arn:<AWS::Partition>:transcribe:{ENVIRONMENT}:language-model/calls-2025"
    assert resolved(stack, model.language_model_arn) == arn


def test_a_family_of_another_stack_has_its_pointer(stack: cdk.Stack) -> None:
    model = LanguageModel.from_family_name(stack, "Theirs", "Other-Model-12345678")

    assert (model.language_model_name, model.language_code) == (None, None)
    assert model.pointer is not None
    assert model.pointer.parameter_name == "/cdk-transcribe/language-model/Other-Model-12345678"
    arn = f"arn:<AWS::Partition>:transcribe:{ENVIRONMENT}:language-model/Other-Model-12345678-*"
    assert resolved(stack, model.language_model_arn) == arn


@pytest.mark.parametrize("make", [LanguageModel.from_language_model_name, LanguageModel.from_family_name])
def test_an_import_by_a_name_that_none_can_have_is_refused(shared_stack: cdk.Stack, make: Any) -> None:
    with pytest.raises(ValueError, match=r"name 'my model' is not a name that Transcribe takes"):
        make(shared_stack, "Theirs", "my model")
