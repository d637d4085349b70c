"""The example app as cdk.json runs it: in a process of its own, with CDK's template validation on."""

from __future__ import annotations

import ast
import json
import runpy
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
import cdk_nag
import cfnlint  # type: ignore[import-untyped]
import pytest

import cdk_transcribe

from .rendered import as_list, statements

EVERY_RESOURCE_REASONS = {
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazontranscribe.html
    "transcribe:CreateVocabulary": "knows no resource-level permissions",
    "transcribe:CreateVocabularyFilter": "knows no resource-level permissions",
    "transcribe:TagResource": "knows no resource-level permissions",
    "transcribe:UntagResource": "knows no resource-level permissions",
    "transcribe:ListTagsForResource": "knows no resource-level permissions",
    "transcribe:StartTranscriptionJob": "knows no resource-level permissions; bucket and key of the output are pinned",
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    "dynamodb:ListStreams": "CDK's grant for reading a stream: knows no resource-level permissions",
}

NAG_REASONS = {
    "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]": "CDK's grant: GenerateDataKey with and without plaintext",
    "AwsSolutions-IAM5[Action::kms:ReEncrypt*]": "CDK's grant: ReEncryptFrom and ReEncryptTo",
    "AwsSolutions-IAM5[Resource::*]": "actions of Transcribe without resource-level permissions",
    **{
        f"AwsSolutions-IAM5[Resource::<CdkTranscribeProvider{function}.Arn>:*]": "CDK's grant: a function's versions"
        for function in (
            "FrameworkframeworkisCompleteDC36CDBF",
            "FrameworkframeworkonTimeout160DE8CB",
            "IsComplete8FA6026E",
            "OnEventDCDCFEC8",
        )
    },
    "AwsSolutions-IAM5[Resource::<StorageMedia9333CB25.Arn>/*]": "every media object may become a job",
    "AwsSolutions-IAM5[Resource::<StorageTranscriptsD6EC3F23.Arn>/*]": "Transcribe probes keys beside the transcript's",
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/"
    "transcribe-4177483404bc-*]": "the files of this stack's vocabularies and filters, so that new content needs no "
    "new permission",
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:transcribe:<AWS::Region>:<AWS::AccountId>:"
    "transcription-job/Calls-7f5bfddb-*]": "the pipeline's own jobs",
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:transcribe:<AWS::Region>:<AWS::AccountId>:vocabulary/*]": (
        "a name that changes is deleted after the policy has changed with it"
    ),
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:transcribe:<AWS::Region>:<AWS::AccountId>:vocabulary-filter/*]": (
        "a name that changes is deleted after the policy has changed with it"
    ),
    "AwsSolutions-SF1": "the waiter's input holds CloudFormation's pre-signed response URL, which must not be logged",
    "AwsSolutions-SF2": "traces would tell nothing that the functions' logs do not",
}

# Of the packs Serverless, HIPAA, NIST 800-53 R5 and PCI, which share most of their rules.
SHARED_NAG_REASONS = {
    "CloudWatchLogGroupEncrypted": "the provider's, which serves every key and has none; the pipeline's are encrypted",
    "DynamoDBInBackupPlan": "point-in-time recovery is on; a backup plan is an organisation's own",
    "EventBusDLQ": "a run of the reconciler that could not be started: the next one makes up for it",
    "IAMNoInlinePolicy": "the permissions are one role's own: a managed policy could be attached to another",
    "LambdaConcurrency": "the queue's event source bounds the starter; a reservation would take from the account",
    "LambdaDLQ": "CloudFormation waits for the provider's answer; the starter's queue and the announcer's stream have "
    "dead letters of their own; the reconciler's next run makes up for one that fails",
    "LambdaDefaultMemorySize": "the functions of CDK's provider framework",
    "LambdaEventSourceMappingDestination": "for streams; the queue has dead letters of its own",
    "LambdaInsideVPC": "the functions call AWS alone, by TLS; a network of one's own would need endpoints for it",
    "LambdaTracing": "traces would tell nothing that the functions' logs do not",
    "S3BucketReplicationEnabled": "a second copy of recordings is their owner's decision: hand in a bucket",
    "S3DefaultEncryptionKMS": "the access logs: S3 delivers them to buckets with its own keys only",
    "SQSRedrivePolicy": "the dead-letter queues themselves",
    "StepFunctionStateMachineXray": "traces would tell nothing that the functions' logs do not",
}


@dataclass(frozen=True)
class Synthesis:
    """What a run of the example app left behind."""

    returncode: int
    output: str
    errors: str
    directory: Path

    @property
    def template_path(self) -> Path:
        return self.directory / "SpeechToText.template.json"

    @property
    def template(self) -> dict[str, Any]:
        template: dict[str, Any] = json.loads(self.template_path.read_text())
        return template


@pytest.fixture(scope="module")
def synthesis(example_app: tuple[subprocess.Popen[str], Path]) -> Synthesis:
    process, directory = example_app
    output, errors = process.communicate(timeout=120)
    return Synthesis(process.returncode, output, errors, directory)


def test_synthesises_without_a_word(synthesis: Synthesis) -> None:
    assert (synthesis.returncode, synthesis.output, synthesis.errors) == (0, "", "")


def test_passes_cdks_own_template_validation(synthesis: Synthesis) -> None:
    report = json.loads((synthesis.directory / "validation-report.json").read_text())

    assert report["pluginReports"] == []


def test_validation_was_on(synthesis: Synthesis) -> None:
    # Without it there is no report at all.
    assert (synthesis.directory / "validation-report.json").exists()


def test_cfn_lint_finds_nothing_but_what_cdk_writes_for_every_function(synthesis: Synthesis) -> None:
    findings = cfnlint.lint_file(synthesis.template_path)

    # W3005: CDK lets each function and state machine wait for its role by DependsOn, although GetAtt does already.
    assert [str(finding) for finding in findings if finding.rule.id != "W3005"] == []


def test_no_partition_is_named(synthesis: Synthesis) -> None:
    assert "arn:aws" not in synthesis.template_path.read_text()


def test_no_role_has_a_managed_policy(synthesis: Synthesis) -> None:
    roles = [one for one in synthesis.template["Resources"].values() if one["Type"] == "AWS::IAM::Role"]

    assert roles
    assert not [role for role in roles if {"ManagedPolicyArns", "Policies"} & set(role["Properties"])]


def test_every_statement_on_every_resource_has_its_reason(synthesis: Synthesis) -> None:
    anywhere = {
        action
        for holder, statement in statements(synthesis.template)
        if statement["Effect"] == "Allow" and "*" in as_list(statement.get("Resource", []))
        # In the policy of a key, "*" is that key.
        if synthesis.template["Resources"][holder]["Type"] != "AWS::KMS::Key"
        for action in as_list(statement["Action"])
    }

    assert anywhere == set(EVERY_RESOURCE_REASONS)


def test_nobody_unknown_is_allowed_anything(synthesis: Synthesis) -> None:
    principals = {
        json.dumps(statement["Principal"], sort_keys=True)
        for _, statement in statements(synthesis.template)
        if statement["Effect"] == "Allow" and "Principal" in statement
    }

    assert not [principal for principal in principals if "*" in principal]


def test_every_permission_of_a_service_on_our_resources_is_for_this_account(synthesis: Synthesis) -> None:
    unconditional = [
        (holder, statement["Principal"])
        for holder, statement in statements(synthesis.template)
        if statement["Effect"] == "Allow"
        and statement["Action"] != "sts:AssumeRole"
        and "Service" in statement.get("Principal", {})
        and "Condition" not in statement
    ]

    assert unconditional == []


@pytest.fixture(scope="module")
def nag_findings(
    tmp_path_factory: pytest.TempPathFactory, repository: Path, recommended_flags: dict[str, Any]
) -> set[str]:
    """The names of the rules that the example app breaks, of all packs."""
    out = tmp_path_factory.mktemp("nag")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(repository)
        example = cast("type[cdk.Stack]", runpy.run_path("app.py")["SpeechToText"])
        app = cdk.App(context=recommended_flags, outdir=str(out))
        cdk.Validations.of(app).add_plugins(
            cdk_nag.AwsSolutionsChecks(app),
            cdk_nag.ServerlessChecks(app),
            cdk_nag.HIPAASecurityChecks(app),
            cdk_nag.NIST80053R5Checks(app),
            cdk_nag.PCIDSS321Checks(app),
        )
        example(app, "SpeechToText")
        # Findings are errors of the synthesis.
        with pytest.raises(RuntimeError, match="ValidationFailed"):
            app.synth()
    reports = json.loads((out / "validation-report.json").read_text())["pluginReports"]
    return {violation["ruleName"] for report in reports for violation in report["violations"]}


def test_cdk_nag_finds_nothing_that_has_no_reason(nag_findings: set[str]) -> None:
    assert {name for name in nag_findings if name.startswith("AwsSolutions-")} == set(NAG_REASONS)


def test_cdk_nags_compliance_packs_find_nothing_that_has_no_reason(nag_findings: set[str]) -> None:
    of_packs = {name for name in nag_findings if not name.startswith("AwsSolutions-")}

    assert {name.rpartition("-")[2] for name in of_packs} == set(SHARED_NAG_REASONS)


def test_the_example_has_at_most_forty_lines(repository: Path) -> None:
    assert len((repository / "app.py").read_text().splitlines()) <= 40


def test_the_example_uses_nothing_but_the_public_names(repository: Path) -> None:
    tree = ast.parse((repository / "app.py").read_text())

    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    from_modules = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "transcribe"
    }

    assert (imported, from_modules) == ({"aws_cdk", "cdk_transcribe"}, [])
    assert used <= set(cdk_transcribe.__all__)
