"""Custom vocabularies: `Custom::TranscribeVocabulary`."""

from __future__ import annotations

import jsii
from aws_cdk import RemovalPolicy, Resource
from aws_cdk.interfaces import aws_transcribe as refs
from constructs import Construct

from cdk_transcribe._names import check_name, content_name
from cdk_transcribe._provider import TranscribeProvider, transcribe_resource
from cdk_transcribe._resource_kinds import ResourceKind
from cdk_transcribe.sources import VocabularySource, content_digest


@jsii.implements(refs.IVocabularyRef)
class Vocabulary(Resource):
    """A custom vocabulary, deployed when it is READY and not before.

    Creates a `Custom::TranscribeVocabulary` and, once a stack, the Lambda functions behind it. A vocabulary that
    the service refuses fails the deployment with the service's own reason, and CloudFormation rolls back to the
    one before.

    Without a name of your own, changed content is a new vocabulary under a new name: it is created, READY and in
    use before the old one is deleted. With a name of your own, changed content updates the vocabulary in place.

    Args:
        language_code: the language of the phrases, such as `en-US`. Jobs in another language silently ignore the
            vocabulary. Changing it replaces a vocabulary with a generated name; with a name of your own, change
            the name too.
        source: where the phrases come from.
        vocabulary_name: a physical name, 1 to 200 of `0-9a-zA-Z._-`. By default one is generated from the
            construct's path and the content. Changing it replaces the vocabulary.
        removal_policy: what happens to the vocabulary when it leaves the stack or is replaced. By default it is
            deleted: its content lives in your app.

    Raises:
        ValueError: when `vocabulary_name` is not a name that Transcribe takes.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        language_code: str,
        source: VocabularySource,
        vocabulary_name: str | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        super().__init__(scope, id)
        bound = source.bind(self)
        bound.grant_read(TranscribeProvider.get_or_create(self))
        digest = content_digest([language_code, bound.digest])
        name = (
            check_name("vocabulary_name", vocabulary_name)
            if vocabulary_name is not None
            else content_name(self, digest)
        )
        self._resource = transcribe_resource(
            self,
            kind=ResourceKind.VOCABULARY,
            properties={"VocabularyName": name, "LanguageCode": language_code, **bound.properties},
            removal_policy=removal_policy,
        )
        self._language_code = language_code

    @property
    def vocabulary_name(self) -> str:
        """The physical name, known when the vocabulary is READY."""
        return self._resource.get_att_string("Name")

    @property
    def vocabulary_arn(self) -> str:
        """The ARN, known when the vocabulary is READY."""
        return self._resource.get_att_string("Arn")

    @property
    def language_code(self) -> str:
        """The language of the phrases."""
        return self._language_code

    @property
    def vocabulary_ref(self) -> refs.VocabularyReference:
        """What CDK's own APIs take for a vocabulary."""
        return refs.VocabularyReference(vocabulary_arn=self.vocabulary_arn)
