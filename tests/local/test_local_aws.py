"""The local AWS as its users meet it: over HTTP, with boto3."""

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import botocore.config
import botocore.exceptions
import pytest

from transcribe_local import LocalAws, LocalAwsError

from .job_kinds import CALL_ANALYTICS, MEDICAL, ROLE, SCRIBE, JobOperations

ONE_ATTEMPT = botocore.config.Config(retries={"total_max_attempts": 1})


@pytest.fixture
def aws(local_aws: LocalAws) -> LocalAws:
    local_aws.reset_transcribe()
    return local_aws


def eventually(check: Any, seconds: float = 10) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := check()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return answer


def test_a_vocabulary_from_a_bucket(aws: LocalAws) -> None:
    aws.settings(pending_seconds=0)
    aws.client("s3").create_bucket(Bucket="vocabulary-files")
    content = b"Phrase\tSoundsLike\tIPA\tDisplayAs\nLos-Angeles\t\t\tLos Angeles\n"
    aws.client("s3").put_object(Bucket="vocabulary-files", Key="ünï code.tsv", Body=content)
    transcribe = aws.client("transcribe")
    transcribe.create_vocabulary(
        VocabularyName="terms",
        LanguageCode="en-US",
        VocabularyFileUri="s3://vocabulary-files/ünï code.tsv",
        Tags=[{"Key": "team", "Value": "a"}],
    )
    answer = transcribe.get_vocabulary(VocabularyName="terms")
    assert answer["VocabularyState"] == "READY"
    with urllib.request.urlopen(answer["DownloadUri"]) as download:  # noqa: S310
        assert download.read() == content
    [resource] = aws.resources()
    assert (resource["Kind"], resource["Tags"]) == ("Vocabulary", {"team": "a"})
    assert aws.calls() == {"CreateVocabulary": 1, "GetVocabulary": 1}


def test_errors_are_what_boto3_expects(aws: LocalAws) -> None:
    transcribe = aws.client("transcribe", config=ONE_ATTEMPT)
    with pytest.raises(transcribe.exceptions.BadRequestException, match="couldn't be found"):
        transcribe.get_vocabulary(VocabularyName="none")
    aws.inject_fault("ListVocabularies", times=1)
    with pytest.raises(transcribe.exceptions.InternalFailureException) as lost:
        transcribe.list_vocabularies()
    assert lost.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert aws.errors()["ListVocabularies"] == {"InternalFailureException": 1}
    transcribe.list_vocabularies()


def test_control_requests_that_make_no_sense_are_refused(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError, match="no setting is called 'speed'"):
        aws.settings(speed=2)


def test_a_client_ignores_the_settings_of_the_machine(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody-else")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert aws.client("sts").get_caller_identity()["Account"] == "000000000000"
    assert "AWS_PROFILE" not in aws.process_environment


def test_only_the_loopback_port_is_open_and_workers_end_with_the_server() -> None:
    handler = "import os, boto3\ndef handler(event, context):\n    return [os.getpid(), os.environ.get('PYTHONPATH')]\n"
    with LocalAws() as aws:
        functions = aws.client("lambda")
        functions.create_function(
            FunctionName="worker",
            Runtime="python3.12",
            Role="arn:aws:iam::000000000000:role/worker",
            Handler="index.handler",
            Timeout=30,
            Code={"ZipFile": zipped("index.py", handler)},
        )
        worker, python_path = json.loads(functions.invoke(FunctionName="worker")["Payload"].read())
        assert python_path is None
        os.kill(worker, 0)
        if sys.platform == "linux":
            assert listening_addresses(aws.process_id) == {f"127.0.0.1:{aws.port}"}
    eventually(lambda: not is_running(worker))


def test_a_function_is_killed_at_work_and_only_then(aws: LocalAws) -> None:
    functions = aws.client("lambda", config=ONE_ATTEMPT)
    functions.create_function(
        FunctionName="sleeper",
        Runtime="python3.12",
        Role="arn:aws:iam::000000000000:role/any",
        Handler="sleeper.handler",
        Code={"ZipFile": zipped("sleeper.py", "import time\ndef handler(event, context): time.sleep(event)\n")},
        Timeout=60,
    )
    assert not aws.kill_function("sleeper")

    with ThreadPoolExecutor(1) as caller:
        invocation = caller.submit(functions.invoke, FunctionName="sleeper", Payload=b"60")
        eventually(lambda: aws.kill_function("sleeper"))
        answer = invocation.result()

    assert "FunctionError" in answer
    assert "FunctionError" not in functions.invoke(FunctionName="sleeper", Payload=b"0")
    functions.delete_function(FunctionName="sleeper")


def test_metrics_in_the_log_of_a_function_come_to_cloudwatch(aws: LocalAws) -> None:
    line = {
        "_aws": {
            "Timestamp": 0,
            "CloudWatchMetrics": [
                {
                    "Namespace": "calls",
                    "Dimensions": [["Pipeline"], ["Pipeline", "Reason"]],
                    "Metrics": [{"Name": "Skipped", "Unit": "Count"}],
                }
            ],
        },
        "Pipeline": "Calls",
        "Reason": "EmptyObject",
        "Skipped": 2,
    }
    functions = aws.client("lambda")
    functions.create_function(
        FunctionName="counter",
        Runtime="python3.12",
        Role="arn:aws:iam::000000000000:role/any",
        Handler="counter.handler",
        Code={"ZipFile": zipped("counter.py", f"def handler(event, context): print({json.dumps(line)!r})\n")},
    )

    functions.invoke(FunctionName="counter")
    functions.invoke(FunctionName="counter")

    for dimensions in ({"Pipeline": "Calls"}, {"Pipeline": "Calls", "Reason": "EmptyObject"}):
        assert eventually(lambda wanted=dimensions: skipped(aws, wanted) == 4)
    functions.delete_function(FunctionName="counter")


def skipped(aws: LocalAws, dimensions: dict[str, str]) -> float:
    answer = aws.client("cloudwatch").get_metric_statistics(
        Namespace="calls",
        MetricName="Skipped",
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=0,
        EndTime=time.time() + 60,
        Period=86400,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))


def test_an_alarm_on_metric_math_can_be_deployed(aws: LocalAws) -> None:
    alarm = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "Metrics": [{"Id": "all", "Expression": "1 + 1"}],
        },
    }
    cloudformation = aws.client("cloudformation")
    template = json.dumps({"Resources": {"Alarm": alarm}})

    cloudformation.create_stack(StackName="metric-math", TemplateBody=template)

    cloudformation.get_waiter("stack_create_complete").wait(StackName="metric-math", WaiterConfig={"Delay": 1})
    cloudformation.delete_stack(StackName="metric-math")


def test_the_server_ends_with_the_process_that_started_it() -> None:
    program = (
        "import os, transcribe_local\n"
        "aws = transcribe_local.LocalAws()\n"
        "aws.start()\n"
        "print(aws.port, aws.log_path.parent, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    source_root = str(Path(__file__).parents[2] / "local")
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": source_root},
        capture_output=True,
        text=True,
        check=False,
    )
    port, directory = ended.stdout.split()
    eventually(lambda: not answers(int(port)))
    eventually(lambda: not Path(directory).exists())


def test_the_command_says_what_to_export_and_ends_on_interrupt() -> None:
    command = subprocess.Popen(
        [sys.executable, "-m", "transcribe_local", "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "local")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert command.stdout is not None
    greeting = [command.stdout.readline() for _ in range(12)]
    [export] = [line for line in greeting if line.startswith("export AWS_ENDPOINT_URL=")]
    port = int(export.rpartition(":")[2])
    assert answers(port)
    command.send_signal(signal.SIGINT)
    assert command.wait(10) == 0
    command.stdout.close()
    assert not answers(port)


def test_a_taken_port_is_one_clear_line(local_aws: LocalAws) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "transcribe_local", "--port", str(local_aws.port)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "local")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == f"transcribe_local: port {local_aws.port} is taken: choose another one\n"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the certificate is made with openssl")
def test_under_iam_a_request_needs_each_of_its_permissions() -> None:
    with LocalAws(enforce_iam=True) as aws:
        s3, iam = aws.client("s3"), aws.client("iam")
        s3.create_bucket(Bucket="vocabulary-files")
        s3.put_object(Bucket="vocabulary-files", Key="terms.txt", Body=b"Los-Angeles")
        trust = policy("sts:AssumeRole", Principal={"Service": "transcribe.amazonaws.com"})
        role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        key = iam.create_access_key(UserName=iam.create_user(UserName="caller")["User"]["UserName"])["AccessKey"]
        transcribe = aws.client(
            "transcribe",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )

        def refusal(name: str, **request: Any) -> str | None:
            try:
                transcribe.create_vocabulary(
                    VocabularyName=name,
                    LanguageCode="en-US",
                    VocabularyFileUri="s3://vocabulary-files/terms.txt",
                    **request,
                )
            except botocore.exceptions.ClientError as error:
                return str(error.response["Error"]["Code"])
            return None

        def allow(name: str, action: str, resource: str) -> None:
            iam.put_user_policy(UserName="caller", PolicyName=name, PolicyDocument=policy(action, Resource=resource))

        tags = [{"Key": "team", "Value": "a"}]
        files = "arn:aws:s3:::vocabulary-files/*"
        assert refusal("own") == "AccessDeniedException"
        allow("create", "transcribe:CreateVocabulary", "*")
        assert refusal("own") == "BadRequestException"
        allow("read", "s3:GetObject", files)
        assert refusal("own") is None
        assert refusal("tagged", Tags=tags) == "AccessDeniedException"
        allow("tag", "transcribe:TagResource", "*")
        assert refusal("tagged", Tags=tags) is None
        assert refusal("by-role", DataAccessRoleArn=role) == "AccessDeniedException"
        allow("pass", "iam:PassRole", role)
        assert refusal("by-role", DataAccessRoleArn=role) == "BadRequestException"
        document = policy("s3:GetObject", Resource=files)
        iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=document)
        assert refusal("by-role", DataAccessRoleArn=role) is None
        allow("get", "transcribe:GetVocabulary", f"arn:aws:transcribe:us-east-1:{aws.account_id}:vocabulary/own")
        assert transcribe.get_vocabulary(VocabularyName="own")["VocabularyName"] == "own"
        with pytest.raises(botocore.exceptions.ClientError, match="not authorized"):
            transcribe.get_vocabulary(VocabularyName="tagged")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the certificate is made with openssl")
def test_under_iam_a_job_needs_the_permissions_of_its_caller_or_of_its_role() -> None:
    with LocalAws(enforce_iam=True, settings={"recognize_speech": False}) as aws:
        s3, iam = aws.client("s3"), aws.client("iam")
        for bucket in ("media", "out", "other"):
            s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket="media", Key="call.wav", Body=b"no sound here")
        trust = policy("sts:AssumeRole", Principal={"Service": "transcribe.amazonaws.com"})
        assert iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)["Role"]["Arn"] == ROLE
        key = iam.create_access_key(UserName=iam.create_user(UserName="caller")["User"]["UserName"])["AccessKey"]
        transcribe = aws.client(
            "transcribe", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
        )

        def refusal(kind: JobOperations, name: str, **request: Any) -> str | None:
            try:
                kind.start(transcribe, name, **request)
            except botocore.exceptions.ClientError as error:
                return str(error.response["Error"]["Code"])
            return None

        def allow(action: str, resource: str, **statement: Any) -> None:
            document = policy(action, Resource=resource, **statement)
            iam.put_user_policy(UserName="caller", PolicyName=action.replace(":", "-"), PolicyDocument=document)

        def allow_role(action: str, resource: str) -> None:
            document = policy(action, Resource=resource)
            iam.put_role_policy(RoleName="reader", PolicyName=action.replace(":", "-"), PolicyDocument=document)

        to_bucket = {"StringEquals": {"transcribe:OutputBucketName": "out"}}
        to_location = {"StringLike": {"transcribe:OutputLocation": "s3://out/*"}}
        analytics = {"OutputLocation": "s3://out/calls/", "DataAccessRoleArn": ROLE}
        by_role: list[tuple[JobOperations, dict[str, str]]] = [(SCRIBE, {}), (CALL_ANALYTICS, analytics)]

        assert refusal(MEDICAL, "by-caller") == "AccessDeniedException"
        allow("transcribe:StartMedicalTranscriptionJob", "*", Condition=to_bucket)
        assert refusal(MEDICAL, "elsewhere", OutputBucketName="other") == "AccessDeniedException"
        assert refusal(MEDICAL, "by-caller") == "BadRequestException"
        allow("s3:GetObject", "arn:aws:s3:::media/*")
        assert refusal(MEDICAL, "by-caller") == "BadRequestException"
        allow("s3:PutObject", "arn:aws:s3:::out/medical/*")
        assert refusal(MEDICAL, "by-caller") is None

        allow("transcribe:StartMedicalScribeJob", "*", Condition=to_bucket)
        allow("transcribe:StartCallAnalyticsJob", "*", Condition=to_location)
        assert refusal(SCRIBE, "by-role") == "AccessDeniedException"
        allow("iam:PassRole", ROLE)
        assert refusal(CALL_ANALYTICS, "elsewhere", OutputLocation="s3://other/calls/") == "AccessDeniedException"
        for kind, request in by_role:
            assert refusal(kind, "by-role", **request) == "BadRequestException"
        allow_role("s3:GetObject", "arn:aws:s3:::media/*")
        for kind, request in by_role:
            assert refusal(kind, "by-role", **request) == "BadRequestException"
        allow_role("s3:PutObject", "arn:aws:s3:::out/*")
        for kind, request in by_role:
            assert refusal(kind, "by-role", **request) is None

        own = f"arn:aws:transcribe:us-east-1:{aws.account_id}:analytics/by-*"
        allow("transcribe:GetCallAnalyticsJob", own)
        assert CALL_ANALYTICS.finished(transcribe, "by-role")["CallAnalyticsJobStatus"] == "COMPLETED"
        with pytest.raises(botocore.exceptions.ClientError, match="not authorized"):
            CALL_ANALYTICS.get(transcribe, "another")


def policy(action: str, **statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, **statement}]})


def zipped(name: str, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process_id}/status")
    return not (status.exists() and "State:\tZ" in status.read_text())


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def listening_addresses(process_id: int) -> set[str]:
    """The addresses on which a process of this machine listens, read from the kernel's tables."""
    links = {str(link.readlink()) for link in Path(f"/proc/{process_id}/fd").iterdir()}
    found = set()
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = row.split()[:10]
            if state == "0A" and f"socket:[{inode}]" in links:
                address, port = local.split(":")
                found.add(f"{'127.0.0.1' if address == '0100007F' else address}:{int(port, 16)}")
    return found
