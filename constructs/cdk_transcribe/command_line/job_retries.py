"""Jobs tried again under a new name, as the ledger itself tries those that the service failed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from cdk_transcribe.command_line.deployed_ledger import DeployedLedger, Row
from cdk_transcribe.command_line.deployed_routes import DeployedRoute
from transcribe_handlers.backfill_events import put_events
from transcribe_handlers.job_order import order_of
from transcribe_handlers.job_statuses import FAILED, LOST, REJECTED


class NotRetriedError(Exception):
    """There is a reason why the job can't be tried again."""


class Retries:
    """Tries jobs again through the routes that a stack has now."""

    def __init__(self, events: Any, routes: Iterable[DeployedRoute]) -> None:
        self._events = events
        self._routes = {(route.pipeline, route.id) for route in routes}

    def retry(self, ledger: DeployedLedger, row: Row) -> str:
        """Bring the object's arrival about once more, for its route alone, and answer with the new job's name.

        The event comes first: were the link written and the event not, the job would never be tried again. An event
        that is sent twice makes one job, as its name follows from the event.

        Raises:
            NotRetriedError: when the job has not failed, has been tried again already, or can't be.
        """
        _check(row)
        order = order_of(row["message"]).next_try
        if order is None:
            raise NotRetriedError("it is the last of 10 tries: upload the object again")
        if (order.pipeline, order.route) not in self._routes:
            raise NotRetriedError(f"the stack has no route {order.route!r} any more")
        put_events(self._events, [order.arrival], wait=lambda: None, sleep=time.sleep)
        ledger.link_retry(row, order.job_name)
        return order.job_name


def _check(row: Row) -> None:
    if row["status"] not in (FAILED, REJECTED, LOST):
        raise NotRetriedError(f"it is {row['status']}: only a job that is FAILED, REJECTED or LOST can be")
    if "retried_by" in row:
        raise NotRetriedError(f"it has been already, as {row['retried_by']}")
    if "message" not in row:
        raise NotRetriedError("the ledger does not have its order: upload the object again")
