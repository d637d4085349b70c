"""The one way a Lambda function is made in this library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_transcribe._handlers import handlers_directory


def handler_code() -> lambda_.Code:
    """The handlers as an asset whose hash depends on their source alone."""
    # Byte code carries time stamps: with it in the asset every install would redeploy every function.
    return lambda_.Code.from_asset(str(handlers_directory()), exclude=["**/__pycache__", "**/*.pyc"])


class HandlerFunction(lambda_.Function):
    """An `AWS::Lambda::Function` that runs one handler of `transcribe_handlers`, with its own role and log group.

    The role may write to that log group and to nothing else until something is granted. `encryption_key` encrypts the
    environment, and the log group too where the key's policy can be changed from here.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        handler: str,
        description: str,
        timeout: Duration,
        environment: Mapping[str, str] | None = None,
        memory_size: int = 256,
        encryption_key: kms.IKey | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
        layers: Sequence[lambda_.ILayerVersion] = (),
    ) -> None:
        log_group = handler_log_group(scope, f"{id}Logs", encryption_key)
        super().__init__(
            scope,
            id,
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"transcribe_handlers.{handler}",
            code=handler_code(),
            role=lambda_role(scope, f"{id}Role", log_group),
            timeout=timeout,
            memory_size=memory_size,
            environment=dict(environment or {}),
            environment_encryption=encryption_key,
            dead_letter_queue=dead_letter_queue,
            layers=list(layers),
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
        )


def lambda_role(scope: Construct, id: str, log_group: logs.ILogGroup) -> iam.Role:
    """A role for Lambda functions that may write to `log_group` and nothing more.

    The managed policy `AWSLambdaBasicExecutionRole` would allow every log group of the account, and creating one:
    a function that logs once more after its log group went would then leave a new one behind.
    """
    role = iam.Role(scope, id, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    log_group.grant_write(role)
    return role


def handler_log_group(scope: Construct, id: str, encryption_key: kms.IKey | None = None) -> logs.LogGroup:
    """A log group that keeps entries for three months and goes with the stack.

    Logs hold names and reasons, never transcript text, so nothing of value is lost with them.
    """
    # Without the permission the log group could not be created, and an imported key's policy is out of reach.
    usable = encryption_key is not None and _let_logs_use(encryption_key, Stack.of(scope))
    return logs.LogGroup(
        scope,
        id,
        retention=logs.RetentionDays.THREE_MONTHS,
        removal_policy=RemovalPolicy.DESTROY,
        encryption_key=encryption_key if usable else None,
    )


def _let_logs_use(key: kms.IKey, stack: Stack) -> bool:
    # A log group of its own can't be named here: the key would wait for the log group that waits for the key.
    log_groups = stack.format_arn(
        service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    return key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.{stack.url_suffix}")],
            actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            # In a key's own policy "*" is that key.
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
        )
    ).statement_added
