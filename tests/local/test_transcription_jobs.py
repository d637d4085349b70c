"""The life of transcription jobs, with a recogniser that hears what the test wants."""

import json
import time
from typing import Any

import pytest

from transcribe_local.object_store import ObjectLocation
from transcribe_local.service_error import ServiceError
from transcribe_local.transcript import SpokenLine

MEDIA = {"MediaFileUri": "s3://media/call.wav"}


@pytest.fixture(autouse=True)
def media(call: Any, wave_file: Any) -> None:
    call.objects.stored[ObjectLocation("media", "call.wav")] = wave_file(2, channels=2)
    call.objects.stored[ObjectLocation("media", "notes.txt")] = b"no sound here"
    call.objects.stored[ObjectLocation("media", "silence.wav")] = wave_file(loudness=0)


def start(call: Any, name: str = "job", **request: Any) -> dict[str, Any]:
    language = {} if {"IdentifyLanguage", "IdentifyMultipleLanguages"} & set(request) else {"LanguageCode": "en-US"}
    defaults = {"Media": MEDIA, "OutputBucketName": "out", **language}
    answer = call("StartTranscriptionJob", TranscriptionJobName=name, **{**defaults, **request})
    return dict(answer["TranscriptionJob"])


def finished(call: Any, name: str = "job") -> dict[str, Any]:
    deadline = time.monotonic() + 10
    while (job := call("GetTranscriptionJob", TranscriptionJobName=name)["TranscriptionJob"])[
        "TranscriptionJobStatus"
    ] in ("QUEUED", "IN_PROGRESS"):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return dict(job)


def results(call: Any, key: str = "job.json") -> Any:
    return json.loads(call.objects.stored[ObjectLocation("out", key)])["results"]


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ServiceError) as refused:
        start(call, **request)
    return refused.value.code, refused.value.message


def test_a_job_runs_and_its_end_is_announced(call: Any) -> None:
    started = start(call, Tags=[{"Key": "a", "Value": "b"}])
    assert started["TranscriptionJobStatus"] == "IN_PROGRESS"
    assert "StartTime" in started
    job = finished(call)
    assert job["TranscriptionJobStatus"] == "COMPLETED"
    assert (job["MediaFormat"], job["MediaSampleRateHertz"]) == ("wav", 16000)
    assert job["Settings"] == {"ChannelIdentification": False, "ShowAlternatives": False}
    assert job["Transcript"] == {"TranscriptFileUri": "https://s3.eu-central-1.amazonaws.com/out/job.json"}
    assert job["Tags"] == [{"Key": "a", "Value": "b"}]
    assert results(call)["transcripts"][0]["transcript"] == "Um, the c l i went to los angeles. Damn!"
    assert announced(call, 1) == [
        (
            "Transcribe Job State Change",
            {"TranscriptionJobName": "job", "TranscriptionJobStatus": "COMPLETED"},
        )
    ]


def announced(call: Any, count: int) -> Any:
    deadline = time.monotonic() + 5
    while len(call.events.published) < count:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return call.events.published


@pytest.mark.parametrize(
    ("request_fields", "key"),
    [
        ({}, "job.json"),
        ({"OutputKey": "a/b.json"}, "a/b.json"),
        ({"OutputKey": "a/b"}, "a/b/job.json"),
        ({"OutputKey": "a/b/"}, "a/b/job.json"),
    ],
)
def test_the_output_goes_where_output_key_says(call: Any, request_fields: dict[str, str], key: str) -> None:
    start(call, OutputEncryptionKMSKeyId="alias/mine", **request_fields)
    probe = key.rpartition("/")[0] + "/" * ("/" in key) + ".write_access_check_file.temp"
    assert call.objects.written == [(ObjectLocation("out", probe), "alias/mine")]
    finished(call)
    assert call.objects.written[1:] == [(ObjectLocation("out", key), "alias/mine")]


def test_without_a_bucket_the_output_goes_to_the_service(call: Any) -> None:
    call("StartTranscriptionJob", TranscriptionJobName="job", Media=MEDIA, LanguageCode="en-US")
    uri = finished(call)["Transcript"]["TranscriptFileUri"]
    assert uri == "http://local/service/111122223333/eu-central-1/job.json"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"LanguageCode": None}, "The language code is missing."),
        ({"IdentifyLanguage": True, "LanguageCode": "en-US"}, "You can specify only one of"),
        ({"Media": {"MediaFileUri": "s3://media/none.wav"}}, "The S3 URI that you provided can't be accessed."),
        ({"OutputBucketName": "missing"}, "The S3 bucket that you provided for the output can't be accessed."),
        ({"OutputKey": "two words"}, "1 validation error detected: Value 'two words' at 'outputKey'"),
        ({"OutputKey": "a", "OutputBucketName": None}, "OutputBucketName is missing"),
        ({"Settings": {"ShowSpeakerLabels": True}}, "ShowSpeakerLabels and MaxSpeakerLabels"),
        ({"Settings": {"MaxSpeakerLabels": 2}}, "ShowSpeakerLabels and MaxSpeakerLabels"),
        ({"Settings": {"VocabularyName": "none"}}, "The requested vocabulary couldn't be found."),
        (
            {"Settings": {"VocabularyFilterName": "none", "VocabularyFilterMethod": "mask"}},
            "The requested vocabulary filter couldn't be found.",
        ),
        ({"JobExecutionSettings": {"AllowDeferredExecution": True}}, "DataAccessRoleArn must be specified"),
        ({"ToxicityDetection": [{"ToxicityCategories": ["ALL"]}], "LanguageCode": "en-GB"}, "Toxicity detection is"),
        (
            {
                "IdentifyMultipleLanguages": True,
                "ContentRedaction": {"RedactionType": "PII", "RedactionOutput": "redacted"},
            },
            "Content redaction isn't available",
        ),
        ({"Media": {"RedactedMediaFileUri": "s3://media/call.wav"}}, "RedactedMediaFileUri is supported only for"),
        (
            {"ModelSettings": {"LanguageModelName": "m"}},
            "The requested language model couldn't be found.",
        ),
    ],
)
def test_a_job_that_the_service_would_refuse_is_refused(call: Any, fields: dict[str, Any], sentence: str) -> None:
    code, message = refusal(call, **fields)
    assert code == "BadRequestException"
    assert message.startswith(sentence)
    assert call("ListTranscriptionJobs")["TranscriptionJobSummaries"] == []


def test_a_name_is_taken_until_the_job_is_deleted(call: Any) -> None:
    start(call)
    assert refusal(call) == (
        "ConflictException",
        "The requested job name already exists. Use a different job name.",
    )
    finished(call)
    call("DeleteTranscriptionJob", TranscriptionJobName="job")
    for operation in ("GetTranscriptionJob", "DeleteTranscriptionJob"):
        with pytest.raises(ServiceError, match="BadRequestException: The requested job couldn't be found"):
            call(operation, TranscriptionJobName="job")
    start(call)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Media": {"MediaFileUri": "s3://media/notes.txt"}}, "Unsupported media format."),
        ({"MediaFormat": "mp3"}, "The media format provided does not match the detected media format."),
        ({"MediaSampleRateHertz": 8000}, "The sample rate provided does not match the detected sample rate."),
    ],
)
def test_a_job_on_unusable_media_fails_later(call: Any, fields: dict[str, Any], reason: str) -> None:
    assert start(call, **fields)["TranscriptionJobStatus"] == "IN_PROGRESS"
    job = finished(call)
    assert (job["TranscriptionJobStatus"], job["FailureReason"]) == ("FAILED", reason)
    assert announced(call, 1)[0][1] == {
        "TranscriptionJobName": "job",
        "TranscriptionJobStatus": "FAILED",
        "FailureReason": reason,
    }


def test_silence_is_a_transcript_without_words(call: Any) -> None:
    start(call, Media={"MediaFileUri": "s3://media/silence.wav"}, Subtitles={"Formats": ["vtt"]})
    assert finished(call)["TranscriptionJobStatus"] == "COMPLETED"
    assert results(call)["transcripts"] == [{"transcript": ""}]
    assert call.objects.stored[ObjectLocation("out", "job.vtt")] == b"WEBVTT\n"


def test_vocabulary_filter_and_subtitles_work_together(call: Any) -> None:
    call.service.settings.change({"pending_seconds": 0})
    call.objects.stored[ObjectLocation("words", "terms.tsv")] = (
        b"Phrase\tSoundsLike\tIPA\tDisplayAs\nC.L.I.\t\t\tCLI\nLos-Angeles\t\t\t\n"
    )
    uri = "s3://words/terms.tsv"
    call("CreateVocabulary", VocabularyName="terms", LanguageCode="en-US", VocabularyFileUri=uri)
    call("CreateVocabularyFilter", VocabularyFilterName="rude", LanguageCode="en-US", Words=["damn", "um"])
    settings = {"VocabularyName": "terms", "VocabularyFilterName": "rude", "VocabularyFilterMethod": "mask"}
    start(call, Settings=settings, Subtitles={"Formats": ["vtt", "srt"], "OutputStartIndex": 1})
    job = finished(call)
    assert results(call)["transcripts"][0]["transcript"] == "***, the CLI went to Los Angeles. ***!"
    assert call.objects.stored[ObjectLocation("out", "job.srt")].decode() == (
        "1\n00:00:00,500 --> 00:00:02,500\n***, the CLI went to Los Angeles.\n"
        "\n2\n00:00:03,000 --> 00:00:04,000\n***!\n"
    )
    assert job["Subtitles"] == {
        "Formats": ["vtt", "srt"],
        "OutputStartIndex": 1,
        "SubtitleFileUris": [f"https://s3.eu-central-1.amazonaws.com/out/job.{end}" for end in ("vtt", "srt")],
    }


def test_vocabulary_and_filter_of_another_language_are_left_aside(call: Any) -> None:
    call.service.settings.change({"pending_seconds": 0})
    call("CreateVocabulary", VocabularyName="terms", LanguageCode="en-GB", Phrases=["Los-Angeles"])
    call("CreateVocabularyFilter", VocabularyFilterName="rude", LanguageCode="de-DE", Words=["damn"])
    settings = {"VocabularyName": "terms", "VocabularyFilterName": "rude", "VocabularyFilterMethod": "mask"}
    start(call, Settings=settings)
    finished(call)
    assert results(call)["transcripts"][0]["transcript"] == "Um, the c l i went to los angeles. Damn!"


def test_a_vocabulary_must_be_ready(call: Any) -> None:
    call("CreateVocabulary", VocabularyName="terms", LanguageCode="en-US", Phrases=["Los-Angeles"])
    code, message = refusal(call, Settings={"VocabularyName": "terms"})
    assert (code, "isn't ready" in message) == ("BadRequestException", True)


def test_channels_are_recognised_one_by_one(call: Any) -> None:
    start(call, Settings={"ChannelIdentification": True})
    finished(call)
    labels = results(call)["channel_labels"]
    assert labels["number_of_channels"] == 2
    assert len(labels["channels"][0]["items"]) == len(labels["channels"][1]["items"]) == 13
    assert call.recognizer.heard == 2


def test_an_identified_language_is_the_english_option(call: Any) -> None:
    start(call, IdentifyLanguage=True, LanguageOptions=["de-DE", "en-GB"])
    job = finished(call)
    assert job["LanguageCode"] == "en-GB"
    assert 0 < job["IdentifiedLanguageScore"] <= 1
    assert results(call)["language_code"] == "en-GB"
    assert announced(call, 2)[1] == (
        "Language Identification State Change",
        {"JobType": "TranscriptionJob", "JobName": "job", "LanguageIdentificationStatus": "COMPLETED"},
    )
    start(call, "several", IdentifyMultipleLanguages=True)
    assert finished(call, "several")["LanguageCodes"] == [{"LanguageCode": "en-US", "DurationInSeconds": 3.0}]


def test_the_same_sound_is_recognised_once(call: Any) -> None:
    for number in range(5):
        start(call, f"job-{number}")
        finished(call, f"job-{number}")
    assert call.recognizer.heard == 1


def test_jobs_beyond_the_limit_wait_if_they_may_and_are_refused_if_not(call: Any) -> None:
    call.service.settings.change({"max_concurrent_jobs": 1})
    call.recognizer.gate.clear()
    start(call, "first")
    assert refusal(call, name="refused")[0] == "LimitExceededException"
    role = "arn:aws:iam::111122223333:role/reader"
    deferred = {"AllowDeferredExecution": True, "DataAccessRoleArn": role}
    waiting = start(call, "waiting", JobExecutionSettings=deferred)
    assert waiting["TranscriptionJobStatus"] == "QUEUED"
    assert "StartTime" not in waiting
    with pytest.raises(ServiceError, match="BadRequestException: The requested job is in progress"):
        call("DeleteTranscriptionJob", TranscriptionJobName="first")
    call.recognizer.gate.set()
    assert finished(call, "waiting")["TranscriptionJobStatus"] == "COMPLETED"
    assert [job["TranscriptionJobName"] for job in call("ListTranscriptionJobs")["TranscriptionJobSummaries"]] == [
        "first",
        "waiting",
    ]
    assert call("ListTranscriptionJobs", Status="QUEUED") == {"TranscriptionJobSummaries": [], "Status": "QUEUED"}


def test_events_can_be_lost_and_doubled(call: Any) -> None:
    call.service.settings.change({"doubled_event_rate": 1})
    start(call, "doubled")
    finished(call, "doubled")
    assert len(announced(call, 2)) == 2
    call.service.settings.change({"doubled_event_rate": 0, "lost_event_rate": 1})
    start(call, "lost")
    finished(call, "lost")
    call.service.settings.change({"lost_event_rate": 0})
    start(call, "heard")
    assert announced(call, 3)[2][1]["TranscriptionJobName"] == "heard"


REDACTION = {"RedactionType": "PII", "RedactionOutput": "redacted"}


def test_a_redacted_transcript_takes_the_place_of_the_other(call: Any) -> None:
    call.recognizer.lines = [SpokenLine(0.0, 4.0, "I am Ada Lovelace. Call 555-0100 or twenty-two five.")]
    start(call, OutputKey="a/b.json", ContentRedaction=REDACTION, Subtitles={"Formats": ["srt"]})
    job = finished(call)
    bucket = "https://s3.eu-central-1.amazonaws.com/out"
    assert job["Transcript"] == {"RedactedTranscriptFileUri": f"{bucket}/a/redacted-b.json"}
    assert job["ContentRedaction"] == REDACTION
    assert results(call, "a/redacted-b.json")["transcripts"] == [{"transcript": "I am [PII]. Call [PII] or [PII]."}]
    assert "[PII]" in call.objects.stored[ObjectLocation("out", "a/redacted-b.srt")].decode()
    assert not [location for location, _ in call.objects.written if location.key in ("a/b.json", "a/b.srt")]
    [summary] = call("ListTranscriptionJobs")["TranscriptionJobSummaries"]
    assert summary["ContentRedaction"] == REDACTION


def test_both_transcripts_are_written_where_both_are_wanted(call: Any) -> None:
    call.recognizer.lines = [SpokenLine(0.0, 4.0, "I am Ada. Call 555-0100.")]
    both = {**REDACTION, "RedactionOutput": "redacted_and_unredacted", "PiiEntityTypes": ["NAME"]}
    start(call, ContentRedaction=both)
    assert finished(call)["Transcript"] == {
        "TranscriptFileUri": "https://s3.eu-central-1.amazonaws.com/out/job.json",
        "RedactedTranscriptFileUri": "https://s3.eu-central-1.amazonaws.com/out/redacted-job.json",
    }
    assert results(call)["transcripts"] == [{"transcript": "I am Ada. Call 555-0100."}]
    assert results(call, "redacted-job.json")["transcripts"] == [{"transcript": "I am [PII]. Call 555-0100."}]
    assert json.loads(call.objects.stored[ObjectLocation("out", "redacted-job.json")])["isRedacted"] is True


def test_toxicity_is_never_found(call: Any) -> None:
    start(call, ToxicityDetection=[{"ToxicityCategories": ["ALL"]}])
    assert finished(call)["ToxicityDetection"] == [{"ToxicityCategories": ["ALL"]}]
    detected = results(call)["toxicity_detection"]
    assert [segment["text"] for segment in detected] == ["Um, the c l i went to los angeles.", "Damn!"]
    assert {score for segment in detected for score in segment["categories"].values()} == {0.0}


def test_a_queued_job_cannot_be_deleted(call: Any) -> None:
    call.service.settings.change({"max_concurrent_jobs": 0})
    deferred = {"AllowDeferredExecution": True, "DataAccessRoleArn": "arn:aws:iam::111122223333:role/reader"}
    start(call, JobExecutionSettings=deferred)
    with pytest.raises(ServiceError, match="BadRequestException: The requested job is in progress"):
        call("DeleteTranscriptionJob", TranscriptionJobName="job")
