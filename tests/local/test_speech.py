"""Real speech through the whole of it."""

import io
import json
import time
import wave
from pathlib import Path
from typing import Any

import av
import moonshine_voice
import numpy as np
import pytest

from transcribe_local import LocalAws
from transcribe_local.media import SAMPLE_RATE, decode
from transcribe_local.service import english_transcriber
from transcribe_local.transcription import Transcriber
from transcribe_local.transcription_order import TranscriptionOrder

from .job_kinds import CALL_ANALYTICS, MEDICAL, SCRIBE

RECORDINGS = Path(moonshine_voice.__file__).parent / "assets"


@pytest.fixture(scope="module")
def transcriber() -> Transcriber:
    return english_transcriber()


@pytest.mark.parametrize(("recording", "speakers"), [("endgame_nagg_nell.wav", 2), ("two_cities.wav", 1)])
def test_speakers_are_told_apart_in_little_time(transcriber: Transcriber, recording: str, speakers: int) -> None:
    content = beginning_of(RECORDINGS / recording, seconds=20)
    before = time.perf_counter()
    transcriber.transcribe(content, TranscriptionOrder())
    plain = time.perf_counter() - before
    labelled = transcriber.transcribe(content, TranscriptionOrder(max_speakers=4))
    assert {segment.speaker for segment in labelled.segments} == set(range(speakers))
    # The recognition is remembered, so what this took is the labelling.
    assert time.perf_counter() - before < 2 * plain


def test_there_are_no_more_speakers_than_allowed(transcriber: Transcriber) -> None:
    content = beginning_of(RECORDINGS / "endgame_nagg_nell.wav", seconds=20)
    labelled = transcriber.transcribe(content, TranscriptionOrder(max_speakers=1))
    assert {segment.speaker for segment in labelled.segments} == {0}


def beginning_of(recording: Path, seconds: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(str(recording), "rb") as source, wave.open(buffer, "wb") as target:
        target.setparams(source.getparams())
        target.writeframes(source.readframes(seconds * source.getframerate()))
    return buffer.getvalue()


def mp3_of(recording: Path) -> bytes:
    buffer = io.BytesIO()
    with av.open(str(recording)) as source, av.open(buffer, "w", format="mp3") as target:
        stream = target.add_stream("libmp3lame", rate=source.streams.audio[0].rate, layout="mono")
        for frame in source.decode(audio=0):
            frame.pts = None
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return buffer.getvalue()


def test_an_mp3_becomes_a_transcript_in_a_bucket_and_events(local_aws: LocalAws) -> None:
    local_aws.reset_transcribe()
    local_aws.settings(pending_seconds=0)
    s3, transcribe = local_aws.client("s3"), local_aws.client("transcribe")
    for bucket in ("speech-media", "speech-output"):
        s3.create_bucket(Bucket=bucket)
    queue = queue_of_events(local_aws, "speech-output")
    s3.put_object(Bucket="speech-media", Key="beckett quotes.mp3", Body=mp3_of(RECORDINGS / "beckett.wav"))
    transcribe.create_vocabulary(VocabularyName="terms", LanguageCode="en-US", Phrases=["No-Matter"])
    transcribe.create_vocabulary_filter(VocabularyFilterName="rude", LanguageCode="en-US", Words=["failed"])
    transcribe.start_transcription_job(
        TranscriptionJobName="beckett",
        LanguageCode="en-US",
        Media={"MediaFileUri": "s3://speech-media/beckett quotes.mp3"},
        OutputBucketName="speech-output",
        OutputKey="en/",
        OutputEncryptionKMSKeyId="alias/transcripts",
        Settings={
            "VocabularyName": "terms",
            "VocabularyFilterName": "rude",
            "VocabularyFilterMethod": "mask",
        },
        Subtitles={"Formats": ["vtt"]},
    )
    messages = received(local_aws, queue, 4)
    assert {message["detail"]["object"]["key"] for message in messages if message["source"] == "aws.s3"} == {
        "en/.write_access_check_file.temp",
        "en/beckett.json",
        "en/beckett.vtt",
    }
    [ended] = [message for message in messages if message["source"] == "aws.transcribe"]
    assert ended["detail-type"] == "Transcribe Job State Change"
    assert ended["detail"] == {"TranscriptionJobName": "beckett", "TranscriptionJobStatus": "COMPLETED"}
    assert ended["resources"] == []
    transcript = s3.get_object(Bucket="speech-output", Key="en/beckett.json")
    assert transcript["SSEKMSKeyId"] == "alias/transcripts"
    text = json.loads(transcript["Body"].read())["results"]["transcripts"][0]["transcript"]
    assert text.startswith("Ever tried. Ever ***. No Matter.")
    subtitles = s3.get_object(Bucket="speech-output", Key="en/beckett.vtt")["Body"].read().decode()
    assert subtitles.startswith("WEBVTT\n\n0\n00:00:00.")
    assert "Ever ***." in subtitles


def test_a_call_is_told_apart_by_channel_whatever_the_kind_of_job(local_aws: LocalAws) -> None:
    local_aws.reset_transcribe()
    s3, transcribe = local_aws.client("s3"), local_aws.client("transcribe")
    for bucket in ("media", "out"):
        s3.create_bucket(Bucket=bucket)
    call = stereo(RECORDINGS / "beckett.wav", RECORDINGS / "two_cities.wav", 6)
    s3.put_object(Bucket="media", Key="call.wav", Body=call)
    roles = [{"ChannelId": 0, "ParticipantRole": "PATIENT"}, {"ChannelId": 1, "ParticipantRole": "CLINICIAN"}]
    by_channel: dict[str, Any] = {"Settings": {"ChannelIdentification": True}}
    CALL_ANALYTICS.start(transcribe)
    MEDICAL.start(transcribe, **by_channel)
    SCRIBE.start(transcribe, **by_channel, ChannelDefinitions=roles)
    for kind in (CALL_ANALYTICS, MEDICAL, SCRIBE):
        assert kind.finished(transcribe)[kind.status] == "COMPLETED"

    def document(key: str) -> Any:
        return json.loads(s3.get_object(Bucket="out", Key=key)["Body"].read())

    turns = document("analytics/job.json")["Transcript"]
    segments = document("job/transcript.json")["Conversation"]["TranscriptSegments"]
    heard = {
        "agent": " ".join(turn["Content"] for turn in turns if turn["ParticipantRole"] == "AGENT"),
        "customer": " ".join(turn["Content"] for turn in turns if turn["ParticipantRole"] == "CUSTOMER"),
        "patient": " ".join(
            part["Content"] for part in segments if part["ParticipantDetails"]["ParticipantRole"] == "PATIENT_0"
        ),
    }
    assert heard["agent"].startswith("Ever tried.")
    assert heard["patient"] == heard["agent"]
    assert "best of times" in heard["customer"]
    channels = document("medical/job.json")["results"]["channel_labels"]["channels"]
    assert [channel["items"][0]["alternatives"][0]["content"] for channel in channels] == ["Ever", "It"]


def stereo(first: Path, second: Path, seconds: int) -> bytes:
    """A WAV file with the beginning of a recording on each channel."""
    channels = [decode(file.read_bytes()).channels[0][: seconds * SAMPLE_RATE] for file in (first, second)]
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as target:
        target.setnchannels(2)
        target.setsampwidth(2)
        target.setframerate(SAMPLE_RATE)
        target.writeframes((np.stack(channels, axis=1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def queue_of_events(aws: LocalAws, bucket: str) -> str:
    sqs, events = aws.client("sqs"), aws.client("events")
    queue: str = sqs.create_queue(QueueName="speech-events")["QueueUrl"]
    aws.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    events.put_rule(Name="speech", EventPattern=json.dumps({"source": ["aws.transcribe", "aws.s3"]}))
    arn = f"arn:aws:sqs:{aws.region}:{aws.account_id}:speech-events"
    events.put_targets(Rule="speech", Targets=[{"Id": "queue", "Arn": arn}])
    return queue


def received(aws: LocalAws, queue: str, count: int) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    deadline = time.monotonic() + 30
    while len(messages) < count:
        assert time.monotonic() < deadline
        answer = aws.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        messages += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
    return messages
