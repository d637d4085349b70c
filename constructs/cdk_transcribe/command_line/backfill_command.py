"""What `cdk-transcribe backfill` does: objects listed, compared with the ledger, and asked for."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from cdk_transcribe.command_line.aws_access import COULD_NOT_RUN, FAILURES, INTERRUPTED, clients, explained, say
from cdk_transcribe.command_line.deployed_routes import DeployedRoute, routes_of
from transcribe_handlers import backfill_events
from transcribe_handlers.job_pace import Pace
from transcribe_handlers.ledger_items import in_groups

_OBJECTS_AT_ONCE = 100
_BEGINNING = datetime.fromtimestamp(0, timezone.utc)


@dataclass
class Counts:
    """How far a backfill is."""

    listed: int = 0
    taken: int = 0
    recorded: int = 0
    put: int = 0


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """One route's objects, from S3 to EventBridge."""

    route: DeployedRoute
    client: Any
    prefix: str
    since: datetime
    pace: Pace
    dry_run: bool
    counts: Counts = field(default_factory=Counts)

    def run(self) -> None:
        """Ask for every object that the route takes and the ledger does not know."""
        dynamodb, events = self.client("dynamodb"), self.client("events")
        for stored in in_groups(self._taken(), _OBJECTS_AT_ONCE):
            by_job = {self._order(one).job_name: one for one in stored}
            recorded = backfill_events.recorded_jobs(dynamodb, self.route.ledger_table, by_job)
            missing = [one for name, one in by_job.items() if name not in recorded]
            self.counts.recorded += len(recorded)
            for group in in_groups(missing, 10):
                self._ask_for(events, group)

    def _ask_for(self, events: Any, stored: Sequence[backfill_events.StoredObject]) -> None:
        if self.dry_run:
            for one in stored:
                print(f"s3://{self.route.bucket}/{one.key}")
        else:
            details = [backfill_events.detail_of(self.route.bucket, one, self.route.job) for one in stored]
            backfill_events.put_events(events, details, wait=self.pace.wait, sleep=time.sleep)
        self.counts.put += len(stored)
        _show(self.counts)

    def _taken(self) -> Iterator[backfill_events.StoredObject]:
        prefix = backfill_events.common_prefix(self.route.prefix, self.prefix)
        if prefix is None:
            return
        # The newest version of each object has a name of its own in a job's name: a plain listing does not tell it.
        pages = (
            self.client("s3").get_paginator("list_object_versions").paginate(Bucket=self.route.bucket, Prefix=prefix)
        )
        for page in pages:
            for version in (version for version in page.get("Versions", []) if version["IsLatest"]):
                self.counts.listed += 1
                if version["LastModified"] >= self.since:
                    stored = backfill_events.StoredObject.described(
                        version["Key"], version["Size"], version["ETag"], version["VersionId"]
                    )
                    if self.route.takes(stored.key) and not self._order(stored).reason_to_skip:
                        self.counts.taken += 1
                        yield stored
            _show(self.counts)

    def _order(self, stored: backfill_events.StoredObject) -> Any:
        return backfill_events.order_for(self.route.bucket, stored, self.route.job)


def run(arguments: argparse.Namespace) -> int:
    """Back-fills the routes that the arguments name, and returns the exit code."""
    backfills: list[Backfill] = []
    try:
        since = backfill_events.since_of(arguments.since) if arguments.since else _BEGINNING
        client = clients(arguments)
        pace = Pace(arguments.rate)
        for route in _chosen(routes_of(client, arguments.stack), arguments):
            backfill = Backfill(
                route=route, client=client, prefix=arguments.prefix, since=since, pace=pace, dry_run=arguments.dry_run
            )
            backfills.append(backfill)
            backfill.run()
            _clear()
            print(_sentence(backfill), flush=True)
    except KeyboardInterrupt:
        _clear()
        say("interrupted; run it again, and it goes on from here", *map(_sentence, backfills))
        return INTERRUPTED
    except FAILURES as error:
        _clear()
        say(explained(error), *map(_sentence, backfills))
        return COULD_NOT_RUN
    return 0


def _chosen(routes: Sequence[DeployedRoute], arguments: argparse.Namespace) -> list[DeployedRoute]:
    chosen = [route for route in routes if arguments.route in (None, route.id)]
    if not chosen:
        known = ", ".join(sorted({route.id for route in routes}))
        raise ValueError(f"stack {arguments.stack!r} has no route {arguments.route!r}: its routes are {known}")
    return chosen


def _sentence(backfill: Backfill) -> str:
    counts = backfill.counts
    asked = "would be asked for" if backfill.dry_run else "asked for"
    return (
        f"{backfill.route.id}: {counts.put} {asked}, {counts.recorded} recorded already, of {counts.taken} media "
        f"among {counts.listed} objects"
    )


def _show(counts: Counts) -> None:
    if sys.stderr.isatty():
        text = f"{counts.listed:,} listed, {counts.recorded:,} recorded already, {counts.put:,} asked for"
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _clear() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
