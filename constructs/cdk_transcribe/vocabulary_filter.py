"""Vocabulary filters: `Custom::TranscribeVocabularyFilter`."""

from __future__ import annotations

import jsii
from aws_cdk import RemovalPolicy, Resource
from aws_cdk.interfaces import aws_transcribe as refs
from constructs import Construct

from cdk_transcribe._names import check_name, content_name
from cdk_transcribe._provider import TranscribeProvider, transcribe_resource
from cdk_transcribe._resource_kinds import ResourceKind
from cdk_transcribe.sources import WordSource, content_digest


@jsii.implements(refs.IVocabularyFilterRef)
class VocabularyFilter(Resource):
    """A vocabulary filter: words that jobs mask, remove or tag in their transcripts.

    Creates a `Custom::TranscribeVocabularyFilter` and, once a stack, the Lambda functions behind it. A filter that
    the service refuses fails the deployment with the service's own reason.

    Without a name of your own, changed content is a new filter under a new name, in use before the old one is
    deleted. With a name of your own, changed content updates the filter in place.

    Args:
        language_code: the language of the words, such as `en-US`. Jobs in another language silently ignore the
            filter. Changing it replaces a filter with a generated name; with a name of your own, change the name
            too.
        source: where the words come from.
        vocabulary_filter_name: a physical name, 1 to 200 of `0-9a-zA-Z._-`. By default one is generated from the
            construct's path and the content. Changing it replaces the filter.
        removal_policy: what happens to the filter when it leaves the stack or is replaced. By default it is
            deleted: its content lives in your app.

    Raises:
        ValueError: when `vocabulary_filter_name` is not a name that Transcribe takes.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        language_code: str,
        source: WordSource,
        vocabulary_filter_name: str | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        super().__init__(scope, id)
        bound = source.bind(self)
        bound.grant_read(TranscribeProvider.get_or_create(self))
        digest = content_digest([language_code, bound.digest])
        name = (
            check_name("vocabulary_filter_name", vocabulary_filter_name)
            if vocabulary_filter_name is not None
            else content_name(self, digest)
        )
        self._resource = transcribe_resource(
            self,
            kind=ResourceKind.VOCABULARY_FILTER,
            properties={"VocabularyFilterName": name, "LanguageCode": language_code, **bound.properties},
            removal_policy=removal_policy,
        )
        self._language_code = language_code

    @property
    def vocabulary_filter_name(self) -> str:
        """The physical name, known when the filter exists."""
        return self._resource.get_att_string("Name")

    @property
    def vocabulary_filter_arn(self) -> str:
        """The ARN, known when the filter exists."""
        return self._resource.get_att_string("Arn")

    @property
    def language_code(self) -> str:
        """The language of the words."""
        return self._language_code

    @property
    def vocabulary_filter_ref(self) -> refs.VocabularyFilterReference:
        """What CDK's own APIs take for a vocabulary filter."""
        return refs.VocabularyFilterReference(vocabulary_filter_arn=self.vocabulary_filter_arn)
