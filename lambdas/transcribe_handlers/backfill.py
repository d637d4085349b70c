"""Asks for the jobs of objects that were there before their route, batch by batch.

Trigger: the state machine of a pipeline's backfill. `plan` turns its input into one run for each route; `handler`
gets the objects of a run as S3 lists them.
Permissions: s3:GetObject and s3:ListBucket on media; dynamodb:BatchGetItem on the ledger, with its key;
events:PutEvents on the default bus.
Result: an event for each object without a row in the ledger. Putting one twice does no harm: the starter starts
one job. An error is raised, and the state machine tries the batch again.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from . import backfill_events
from .backfill_events import StoredObject
from .job_pace import Pace

logger = logging.getLogger(__name__)

LEDGER_TABLE_NAME = os.environ["LEDGER_TABLE_NAME"]
pace = Pace(float(os.environ["EVENTS_PER_SECOND"]))
_INPUTS = ("route", "prefix", "since")

s3: Any = boto3.client("s3")
dynamodb: Any = boto3.client("dynamodb")
events: Any = boto3.client("events")


def plan(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """What to list for each route; an input that makes no sense raises ValueError."""
    wish: Mapping[str, str] = event["input"]
    if unknown := set(wish) - set(_INPUTS):
        raise ValueError(f"input has {', '.join(sorted(unknown))}: a backfill takes {', '.join(_INPUTS)}")
    routes = [route for route in event["routes"] if wish.get("route") in (None, route["job"]["Route"])]
    if not routes:
        known = ", ".join(repr(route["job"]["Route"]) for route in event["routes"])
        raise ValueError(f"no route is called {wish.get('route')!r}: this pipeline has {known or 'none'}")
    since = backfill_events.since_of(wish["since"]).timestamp() if "since" in wish else 0
    runs = []
    for route in routes:
        prefix = backfill_events.common_prefix(route["prefix"], wish.get("prefix", ""))
        if prefix is not None:
            runs.append({"bucket": route["bucket"], "prefix": prefix, "since": since, "job": route["job"]})
    return {"runs": runs}


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Put an event for each object of the batch that the route takes and that has no job yet."""
    run, items = event["BatchInput"], event["Items"]
    bucket, job = run["bucket"], run["job"]
    taken = [item["Key"] for item in items if item["LastModified"] >= run["since"] and _is_taken(bucket, item, job)]
    newest = filter(None, (_newest(bucket, key) for key in taken))
    by_job = {backfill_events.order_for(bucket, stored, job).job_name: stored for stored in newest}
    recorded = backfill_events.recorded_jobs(dynamodb, LEDGER_TABLE_NAME, by_job)
    details = [
        backfill_events.detail_of(bucket, stored, job) for name, stored in by_job.items() if name not in recorded
    ]
    backfill_events.put_events(events, details, wait=pace.wait, sleep=time.sleep)
    counts = {"listed": len(items), "taken": len(taken), "recorded": len(recorded), "put": len(details)}
    logger.info("batch", extra={"route": job["Route"], "bucket": bucket, **counts})


def _is_taken(bucket: str, item: Mapping[str, Any], job: Mapping[str, Any]) -> bool:
    # A listing for a state machine has no versions; whether the route takes an object does not depend on them.
    listed = StoredObject.described(item["Key"], item["Size"], item["Etag"], None)
    return not backfill_events.order_for(bucket, listed, job).reason_to_skip


def _newest(bucket: str, key: str) -> StoredObject | None:
    """The object as it is now; None when it has gone since it was listed."""
    try:
        head = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] == "404":
            return None
        raise
    return StoredObject.described(key, head["ContentLength"], head["ETag"], head.get("VersionId"))
