#!/usr/bin/env python3
"""The example deployment: recordings under en/ become transcripts with subtitles, and a record of each job."""

import aws_cdk as cdk

import cdk_transcribe as transcribe


class SpeechToText(cdk.Stack):
    def __init__(self, scope: cdk.App, id: str) -> None:
        super().__init__(scope, id, description="Amazon Transcribe for every recording that arrives")
        # This example goes with its stack, once its buckets are empty. By default media, transcripts and records stay.
        gone = cdk.RemovalPolicy.DESTROY
        storage = transcribe.TranscribeStorage(self, "Storage", removal_policy=gone)
        file = transcribe.VocabularySource.from_file("examples/vocabulary/terms.tsv")
        terms = transcribe.Vocabulary(self, "Terms", language_code="en-US", source=file)
        words = transcribe.WordSource.from_words(["um", "uh", "erm"])
        filler = transcribe.VocabularyFilter(self, "Filler", language_code="en-US", source=words)
        pipeline = transcribe.TranscriptionPipeline(self, "Calls", storage=storage, removal_policy=gone)
        job = transcribe.TranscriptionJob(
            language_code="en-US",
            vocabulary=terms,
            vocabulary_filter=filler,
            vocabulary_filter_method=transcribe.FilterMethod.REMOVE,
            subtitles=[transcribe.SubtitleFormat.VTT, transcribe.SubtitleFormat.SRT],
        )
        pipeline.add_route("English", prefix="en/", job=job)
        cdk.CfnOutput(self, "MediaBucket", value=storage.media_bucket.bucket_name)
        cdk.CfnOutput(self, "TranscriptBucket", value=storage.transcript_bucket.bucket_name)
        cdk.CfnOutput(self, "LedgerTable", value=pipeline.ledger.table.table_name)


app = cdk.App()
SpeechToText(app, "SpeechToText")
app.synth()
