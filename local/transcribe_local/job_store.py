"""All jobs there are."""

import threading
from collections.abc import Iterator

from transcribe_local.job import Job
from transcribe_local.scope import Scope


class JobStore:
    """Jobs by kind, account, Region and name; whoever reads or changes more than one thing holds the `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._stored: dict[tuple[str, Scope], dict[str, Job]] = {}

    def find(self, noun: str, scope: Scope, name: str) -> Job | None:
        return self._stored.get((noun, scope), {}).get(name)

    def add(self, job: Job) -> None:
        self._stored.setdefault((job.kind.noun, job.scope), {})[job.name] = job

    def remove(self, job: Job) -> None:
        del self._stored[job.kind.noun, job.scope][job.name]

    def holds(self, job: Job) -> bool:
        return self.find(job.kind.noun, job.scope, job.name) is job

    def of_kind(self, noun: str, scope: Scope | None = None) -> Iterator[Job]:
        """The jobs of a kind: those of one account and Region, or all."""
        for (stored_noun, stored_scope), jobs in self._stored.items():
            if stored_noun == noun and scope in (None, stored_scope):
                yield from jobs.values()

    def clear(self) -> None:
        self._stored.clear()
