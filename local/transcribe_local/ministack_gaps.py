"""What ministack leaves out that deployed stacks show, filled in once before the server takes requests."""

import contextvars
import json
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs, eventbridge, lambda_svc, s3, stepfunctions
from ministack.services.cloudformation import provisioners

_BUCKET = "AWS::S3::Bucket"

_object_version: contextvars.ContextVar[str | None] = contextvars.ContextVar("object_version", default=None)


def fill() -> None:
    """Make CloudFormation tag buckets and refuse to delete full ones, functions not create their log group, the
    events of S3 name the object's version, distributed maps hand on batches, metrics in functions' logs come to
    CloudWatch, and alarms on metric math be there, though nothing evaluates them."""
    _complete_bucket_provisioning()
    _log_to_existing_groups_only()
    _name_versions_in_events()
    _batch_items_of_maps()
    _take_metrics_from_logs()
    _accept_alarms_on_metric_math()


def _complete_bucket_provisioning() -> None:
    handler = provisioners._RESOURCE_HANDLERS[_BUCKET]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def create_with_tags(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        name, attributes = create(logical_id, properties, stack_name)
        _tag_bucket(name, properties)
        return name, attributes

    def update_with_tags(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Any:
        name, attributes = update(physical_id, old, new, stack_name)
        _tag_bucket(name, new)
        return name, attributes

    def delete_when_empty(physical_id: str, properties: dict[str, Any]) -> None:
        bucket = s3._buckets.get(physical_id)
        if bucket and bucket["objects"]:
            raise ValueError(f"The bucket you tried to delete is not empty: {physical_id}")
        delete(physical_id, properties)

    handler.update(create=create_with_tags, update=update_with_tags, delete=delete_when_empty)


def _tag_bucket(name: str, properties: dict[str, Any]) -> None:
    s3._bucket_tags[name] = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}


def _log_to_existing_groups_only() -> None:
    """A custom resource answers CloudFormation before its function ends: its last lines come after its log group went.

    In an account such a function lacks the permission to make the group anew.
    """
    emit = lambda_svc._emit_lambda_logs

    def emit_to_existing_group(func: dict[str, Any], *arguments: Any, **named: Any) -> Any:
        group = (func.get("config") or func).get("LoggingConfig", {}).get("LogGroup")
        if group and group not in cloudwatch_logs._log_groups:
            return None
        return emit(func, *arguments, **named)

    lambda_svc._emit_lambda_logs = emit_to_existing_group


def _name_versions_in_events() -> None:
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event

    def fire_with_version(*arguments: Any, version_id: str | None = None, **named: Any) -> None:
        _object_version.set(version_id)
        fire(*arguments, version_id=version_id, **named)

    def dispatch_with_version(event: dict[str, Any], *arguments: Any) -> Any:
        version = _object_version.get()
        if version and event["Source"] == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version
            event = {**event, "Detail": json.dumps(detail)}
        return dispatch(event, *arguments)

    s3._fire_s3_event = fire_with_version
    eventbridge._dispatch_event = dispatch_with_version


def _batch_items_of_maps() -> None:
    run = stepfunctions._run_distributed_map

    def run_batches(
        state: dict[str, Any], raw_input: Any, effective: Any, iterator: Any, execution: Any, ctx: Any
    ) -> Any:
        if "ItemBatcher" not in state:
            return run(state, raw_input, effective, iterator, execution, ctx)
        items = stepfunctions._read_map_items(state["ItemReader"], effective, ctx)
        size = state["ItemBatcher"]["MaxItemsPerBatch"]
        batch_input = stepfunctions._resolve_params_obj(state["ItemBatcher"].get("BatchInput", {}), effective, ctx)
        batches = [
            {"BatchInput": batch_input, "Items": items[start : start + size]} for start in range(0, len(items), size)
        ]
        plain = {name: value for name, value in state.items() if name not in ("ItemReader", "ItemBatcher")}
        return run({**plain, "ItemsPath": "$"}, raw_input, batches, iterator, execution, ctx)

    stepfunctions._run_distributed_map = run_batches


def _take_metrics_from_logs() -> None:
    emit = lambda_svc._emit_lambda_logs

    def emit_with_metrics(func: dict[str, Any], request_id: str, log_text: str, *arguments: Any, **named: Any) -> Any:
        # Embedded metric format: a line of JSON that says of itself which of its members are metrics.
        for line in log_text.splitlines():
            if line.startswith('{"_aws"'):
                _record_metrics(json.loads(line))
        return emit(func, request_id, log_text, *arguments, **named)

    lambda_svc._emit_lambda_logs = emit_with_metrics


def _record_metrics(line: dict[str, Any]) -> None:
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = {name: line[name] for name in names}
            for metric in directive["Metrics"]:
                value, unit = line[metric["Name"]], metric.get("Unit", "None")
                cloudwatch.record_metric(directive["Namespace"], metric["Name"], value, unit, dimensions)


def _accept_alarms_on_metric_math() -> None:
    record = provisioners._cw_metric_alarm_record

    def record_of_any(name: str, properties: dict[str, Any]) -> Any:
        if "Metrics" not in properties:
            return record(name, properties)
        plain = {key: value for key, value in properties.items() if key != "Metrics"}
        return record(name, {**plain, "Namespace": "not evaluated", "MetricName": "metric math"})

    provisioners._cw_metric_alarm_record = record_of_any
