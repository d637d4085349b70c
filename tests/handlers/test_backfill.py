"""The backfill's handlers, against the local S3, DynamoDB and EventBridge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

PIPELINE = "calls-1a2b3c4d"
JOB = {
    "Kind": "TranscriptionJob",
    "Route": "English",
    "NamePrefix": PIPELINE,
    "Suffixes": [".wav"],
    "OutputBucketName": "transcripts",
    "OutputPrefix": "",
    "Request": {},
}


class Bucket:
    """A bucket as a state machine lists it, and what is asked for when a batch of it is handed on."""

    def __init__(self, handlers: Any, client: Any, name: str) -> None:
        self.name = name
        self.entries: list[dict[str, Any]] = []
        self._handlers = handlers
        self._s3 = client("s3")
        self._dynamodb = client("dynamodb")

    def keep_versions(self) -> None:
        self._s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})

    def put(self, key: str, body: bytes = b"a recording") -> dict[str, Any]:
        answer: dict[str, Any] = self._s3.put_object(Bucket=self.name, Key=key, Body=body)
        return answer

    def items(self) -> list[dict[str, Any]]:
        listed = self._s3.list_objects_v2(Bucket=self.name)["Contents"]
        return [
            {
                "Key": one["Key"],
                "Size": one["Size"],
                "Etag": one["ETag"],
                "LastModified": one["LastModified"].timestamp(),
            }
            for one in listed
        ]

    def backfill(self, items: list[dict[str, Any]] | None = None, since: float = 0) -> list[dict[str, Any]]:
        """The details of the events that a batch makes."""
        self.entries.clear()
        run = {"bucket": self.name, "since": since, "job": JOB}
        self._handlers.backfill.handler({"BatchInput": run, "Items": self.items() if items is None else items}, None)
        assert all(entry["Source"] == "cdk-transcribe" for entry in self.entries)
        assert all(entry["DetailType"] == "Object Created" for entry in self.entries)
        return [json.loads(entry["Detail"]) for entry in self.entries]

    def record(self, detail: dict[str, Any]) -> None:
        """A row as the starter writes it for an event."""
        order = self._handlers.job_order.order_of(json.dumps({"event": {"detail": detail}, "job": JOB}))
        self._dynamodb.put_item(TableName="ledger", Item={"job_name": {"S": order.job_name}, "status": {"S": "QUEUED"}})


@pytest.fixture
def media(handlers: Any, client: Any, bucket: str) -> Iterator[Bucket]:
    media = Bucket(handlers, client, bucket)
    hooks = handlers.backfill.events.meta.events
    hooks.register(
        "provide-client-params.events.PutEvents",
        lambda params, **_: media.entries.extend(params["Entries"]),
        unique_id=bucket,
    )
    yield media
    hooks.unregister("provide-client-params.events.PutEvents", unique_id=bucket)


def keys(details: list[dict[str, Any]]) -> list[str]:
    return [detail["object"]["key"] for detail in details]


# Batches


def test_an_event_says_what_s3_would_have_said_and_which_route_it_is_for(media: Bucket) -> None:
    media.keep_versions()
    media.put("en/a.wav", b"old")
    version = media.put("en/a.wav", b"a recording")["VersionId"]

    (detail,) = media.backfill()

    assert detail == {
        "bucket": {"name": media.name},
        "object": {"key": "en/a.wav", "size": 11, "etag": detail["object"]["etag"], "version-id": version},
        "route": f"{PIPELINE}/English",
    }
    assert '"' not in detail["object"]["etag"]


def test_an_object_without_versions_has_none_in_its_event(media: Bucket) -> None:
    media.put("en/a.wav")

    (detail,) = media.backfill()

    assert set(detail["object"]) == {"key", "size", "etag"}


def test_what_the_route_does_not_take_is_left_out(media: Bucket) -> None:
    for key in ("en/a.wav", "en/B.WAV", "en/c.txt", "en/folder/"):
        media.put(key)
    media.put("en/empty.wav", b"")

    assert sorted(keys(media.backfill())) == ["en/B.WAV", "en/a.wav"]


def test_what_the_ledger_has_recorded_is_left_out(media: Bucket) -> None:
    media.keep_versions()
    media.put("en/a.wav")
    media.put("en/b.wav")
    for detail in media.backfill():
        media.record(detail)
    media.put("en/b.wav", b"another recording")

    assert keys(media.backfill()) == ["en/b.wav"]


def test_what_was_written_before_is_left_out(media: Bucket) -> None:
    media.put("en/a.wav")
    (item,) = media.items()

    assert media.backfill(since=item["LastModified"] + 1) == []
    assert keys(media.backfill(since=item["LastModified"])) == ["en/a.wav"]


def test_an_object_that_has_gone_since_it_was_listed_is_left_out(media: Bucket) -> None:
    media.put("en/a.wav")
    listed = [{"Key": "en/gone.wav", "Size": 9, "Etag": "x", "LastModified": 0}, *media.items()]

    assert keys(media.backfill(listed)) == ["en/a.wav"]


@pytest.mark.parametrize("key", ["en/a b+c%20.wav", "en/Größe „x“.wav", "en/日本語 🎙.wav"])
def test_any_key_is_asked_for_as_it_is(media: Bucket, key: str) -> None:
    media.put(key)

    assert keys(media.backfill()) == [key]


def test_a_whole_batch_is_asked_for_ten_at_a_time(media: Bucket, handlers: Any) -> None:
    calls: list[int] = []
    handlers.backfill.events.meta.events.register(
        "provide-client-params.events.PutEvents",
        lambda params, **_: calls.append(len(params["Entries"])),
        unique_id="n",
    )
    for number in range(123):
        media.put(f"en/{number}.wav")

    assert len(media.backfill()) == 123
    handlers.backfill.events.meta.events.unregister("provide-client-params.events.PutEvents", unique_id="n")
    assert calls == [10] * 12 + [3]


# The plan


ROUTES = [
    {"bucket": "media", "prefix": "en/", "job": {**JOB, "Route": "English"}},
    {"bucket": "other", "prefix": "", "job": {**JOB, "Route": "All"}},
]


def planned(handlers: Any, **wish: str) -> list[tuple[str, str, float]]:
    runs = handlers.backfill.plan({"input": wish, "routes": ROUTES}, None)["runs"]
    assert all(run["job"] in [route["job"] for route in ROUTES] for run in runs)
    return [(run["bucket"], run["prefix"], run["since"]) for run in runs]


@pytest.mark.parametrize(
    ("wish", "runs"),
    [
        ({}, [("media", "en/", 0), ("other", "", 0)]),
        ({"route": "English"}, [("media", "en/", 0)]),
        ({"prefix": "en/2026/"}, [("media", "en/2026/", 0), ("other", "en/2026/", 0)]),
        ({"prefix": "e"}, [("media", "en/", 0), ("other", "e", 0)]),
        ({"prefix": "de/"}, [("other", "de/", 0)]),
        ({"route": "All", "since": "2026-01-31"}, [("other", "", 1769817600)]),
        ({"route": "All", "since": "2026-01-31T08:00:00Z"}, [("other", "", 1769846400)]),
        ({"route": "All", "since": "2026-01-31T08:00:00+02:00"}, [("other", "", 1769839200)]),
    ],
)
def test_the_input_says_what_to_list(handlers: Any, wish: dict[str, str], runs: list[tuple[str, str, float]]) -> None:
    assert planned(handlers, **wish) == runs


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"route": "French"}, "no route is called 'French': this pipeline has 'English', 'All'"),
        ({"since": "yesterday"}, "'yesterday' is no date: write it like 2026-01-31 or 2026-01-31T08:00:00Z"),
        ({"Route": "English"}, "input has Route: a backfill takes route, prefix, since"),
    ],
)
def test_fails_when_the_input_makes_no_sense(handlers: Any, wish: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        planned(handlers, **wish)


# Events that EventBridge refuses


class RefusingEvents:
    """An EventBridge that refuses the first entry of each call so many times."""

    def __init__(self, refusals: int) -> None:
        self.taken: list[str] = []
        self._refusals = refusals

    def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        results: list[dict[str, str]] = [{"EventId": "1"} for _ in Entries]
        if self._refusals:
            self._refusals -= 1
            results[0] = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
        self.taken += [entry["Detail"] for entry, result in zip(Entries, results, strict=True) if "EventId" in result]
        return {"Entries": results}


@pytest.mark.parametrize("refusals", [0, 1, 5])
def test_a_refused_event_is_put_again_and_no_other(handlers: Any, refusals: int) -> None:
    events, slept = RefusingEvents(refusals), []

    handlers.backfill_events.put_events(
        events, [{"n": number} for number in range(12)], wait=lambda: None, sleep=slept.append
    )

    assert sorted(json.loads(detail)["n"] for detail in events.taken) == list(range(12))
    assert slept == [1, 2, 4, 8, 16][:refusals]


def test_events_that_are_refused_to_the_end_are_an_error(handlers: Any) -> None:
    with pytest.raises(handlers.backfill_events.EventsRefusedError, match=r"^ThrottlingException: slow down$"):
        handlers.backfill_events.put_events(RefusingEvents(6), [{"n": 1}], wait=lambda: None, sleep=lambda _: None)


def test_every_event_waits_for_its_turn(handlers: Any) -> None:
    turns: list[None] = []

    handlers.backfill_events.put_events(
        RefusingEvents(0), [{}] * 12, wait=lambda: turns.append(None), sleep=lambda _: None
    )

    assert len(turns) == 12


@pytest.mark.parametrize("left_over", [0, 3])
def test_rows_that_dynamodb_left_unread_are_asked_for_again(handlers: Any, left_over: int) -> None:
    class BusyDynamo:
        def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
            keys = RequestItems["ledger"]["Keys"]
            cut = len(keys) - left_over if len(keys) > left_over else len(keys)
            rest = {"ledger": {**RequestItems["ledger"], "Keys": keys[cut:]}}
            return {"Responses": {"ledger": keys[:cut]}, "UnprocessedKeys": rest if keys[cut:] else {}}

    names = [str(number) for number in range(250)]

    assert handlers.backfill_events.recorded_jobs(BusyDynamo(), "ledger", names) == set(names)
