"""Medical vocabularies: `Custom::TranscribeMedicalVocabulary`."""

from __future__ import annotations

import jsii
from aws_cdk import ITaggableV2, RemovalPolicy, Resource, TagManager, Token
from aws_cdk import aws_iam as iam
from aws_cdk.interfaces import aws_transcribe as refs
from constructs import Construct

from cdk_transcribe._names import arn_of_name, check_name, content_name, name_in_arn
from cdk_transcribe._provider import TranscribeProvider, tags_of, transcribe_resource
from cdk_transcribe._resource_kinds import ResourceKind
from cdk_transcribe._synthesis_findings import report
from cdk_transcribe.languages import MEDICAL_LANGUAGES
from cdk_transcribe.sources import VocabularySource, content_digest

_KIND = ResourceKind.MEDICAL_VOCABULARY


class MedicalVocabularyGrants:
    """What can be granted on a medical vocabulary: `MedicalVocabulary.grants`, or `from_medical_vocabulary`
    for any other.

    Naming a vocabulary in a medical transcription job needs no permission on it.
    """

    def __init__(self, medical_vocabulary: refs.IMedicalVocabularyRef) -> None:
        self._medical_vocabulary = medical_vocabulary

    @staticmethod
    def from_medical_vocabulary(medical_vocabulary: refs.IMedicalVocabularyRef) -> MedicalVocabularyGrants:
        """Grants on a vocabulary of this library, an imported one, or CDK's own `CfnMedicalVocabulary`."""
        return MedicalVocabularyGrants(medical_vocabulary)

    def read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` ask for the vocabulary: its state, its language, and where to download it."""
        return self._grant(grantee, "Get")

    def manage(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` ask for the vocabulary, change and delete it. For one that no stack keeps as it is."""
        return self._grant(grantee, "Get", "Update", "Delete")

    def _grant(self, grantee: iam.IGrantable, *verbs: str) -> iam.Grant:
        arn = self._medical_vocabulary.medical_vocabulary_ref.medical_vocabulary_arn
        return iam.Grant.add_to_principal(grantee=grantee, actions=_KIND.actions(*verbs), resource_arns=[arn])


@jsii.implements(refs.IMedicalVocabularyRef)
class IMedicalVocabulary(Resource):
    """A medical vocabulary, made in this app or elsewhere."""

    @property
    def medical_vocabulary_name(self) -> str:
        """The physical name. That of a `MedicalVocabulary` is known when it is READY."""
        return self._attribute("Name")

    @property
    def medical_vocabulary_arn(self) -> str:
        """The ARN. That of a `MedicalVocabulary` is known when it is READY."""
        return self._attribute("Arn")

    @property
    def language_code(self) -> str | None:
        """The language of the terms; none where an import does not say."""
        raise NotImplementedError

    @property
    def medical_vocabulary_ref(self) -> refs.MedicalVocabularyReference:
        """What CDK's own APIs take for a medical vocabulary."""
        return refs.MedicalVocabularyReference(medical_vocabulary_arn=self.medical_vocabulary_arn)

    @property
    def grants(self) -> MedicalVocabularyGrants:
        """What can be granted on the vocabulary."""
        return MedicalVocabularyGrants.from_medical_vocabulary(self)

    def _attribute(self, name: str) -> str:
        raise NotImplementedError


@jsii.implements(ITaggableV2)
class MedicalVocabulary(IMedicalVocabulary):
    """A custom vocabulary of Amazon Transcribe Medical, deployed when it is READY and not before.

    Creates a `Custom::TranscribeMedicalVocabulary` and, once a stack, the Lambda functions behind it. What is known
    of the content is checked at once, by the rules of medical vocabularies: findings that Transcribe is documented to
    refuse end the synthesis, doubtful ones are warnings with the id `cdk-transcribe:` and the name of the rule, for
    `Annotations.of(…).acknowledge_warning(…)`. A vocabulary that the service refuses nevertheless fails the
    deployment with the service's own reason, and CloudFormation rolls back to the one before.

    Without a name of your own, changed content is a new vocabulary under a new name: it is created, READY and in use
    before the old one is deleted. With a name of your own, changed content updates the vocabulary in place. Medical
    vocabularies have names of their own: a standard one may be called the same.

    Transcribe offers neither a key nor a data access role for them: the handler reads the file.

    `Tags.of(…)` reaches the vocabulary. Two tags of this library's own say which stack owns it and what it was made
    from; a vocabulary without them is never changed or deleted.

    Args:
        source: where the terms come from: `VocabularySource.from_file`, `from_terms` or `from_bucket`.
        language_code: the language of the terms. By default `en-US`, the only one that Transcribe Medical knows.
        medical_vocabulary_name: a physical name, 1 to 200 of `0-9a-zA-Z._-`. By default one is generated from the
            construct's path and the content. Changing it replaces the vocabulary.
        adopt_existing: takes over a vocabulary of this name that exists and that this resource does not own:
            somebody else's, or one that a stack before retained. It gets this content and belongs to this stack from
            then on. By default the deployment fails instead.
        removal_policy: what happens to the vocabulary when it leaves the stack or is replaced. By default it is
            deleted: its content lives in your app. With `RETAIN` and a generated name every change of content
            leaves one more old vocabulary behind, and an account may have only so many.

    Raises:
        ValueError: when `medical_vocabulary_name` is not a name that Transcribe takes; for another language; for
            phrases that are given inline; when Transcribe would refuse the source, with all that there is to say
            about it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        source: VocabularySource,
        language_code: str = "en-US",
        medical_vocabulary_name: str | None = None,
        adopt_existing: bool = False,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        super().__init__(scope, id)
        _check_language(language_code)
        bound = source.bind(self)
        if "VocabularyFileUri" not in bound.properties:
            raise ValueError(
                f"source of {self.node.path!r} is given inline, and medical vocabularies take a file only: use "
                "VocabularySource.from_terms, from_file or from_bucket"
            )
        report(self, source.lint(language_code, medical=True))
        provider = TranscribeProvider.get_or_create(self)
        provider.allow_reading(bound)
        self._tags = tags_of(_KIND)
        self._resource = transcribe_resource(
            self,
            provider,
            kind=_KIND,
            name=check_name("medical_vocabulary_name", medical_vocabulary_name)
            if medical_vocabulary_name is not None
            else content_name(self, content_digest(self, [language_code, bound.digest])),
            properties={"LanguageCode": language_code, **bound.properties},
            tags=self._tags,
            adopt_existing=adopt_existing,
            removal_policy=removal_policy,
        )
        self._language_code = language_code

    @staticmethod
    def from_medical_vocabulary_name(
        scope: Construct, id: str, medical_vocabulary_name: str, *, language_code: str | None = None
    ) -> IMedicalVocabulary:
        """A medical vocabulary of this account and Region that exists already, by its name.

        Args:
            scope: where it is used.
            id: its id there.
            medical_vocabulary_name: the physical name.
            language_code: its language, for jobs to compare theirs with. By default they do not.
        """
        arn = arn_of_name(scope, _KIND, medical_vocabulary_name)
        return _ImportedMedicalVocabulary(scope, id, medical_vocabulary_name, arn, language_code)

    @staticmethod
    def from_medical_vocabulary_arn(
        scope: Construct, id: str, medical_vocabulary_arn: str, *, language_code: str | None = None
    ) -> IMedicalVocabulary:
        """A medical vocabulary that exists already, by its ARN.

        Args:
            scope: where it is used.
            id: its id there.
            medical_vocabulary_arn: the ARN.
            language_code: its language, for jobs to compare theirs with. By default they do not.
        """
        return _ImportedMedicalVocabulary(
            scope, id, name_in_arn(medical_vocabulary_arn), medical_vocabulary_arn, language_code
        )

    @property
    def medical_vocabulary_state(self) -> str:
        """The state that Transcribe reported when the vocabulary was deployed: READY."""
        return self._attribute("State")

    @property
    def language_code(self) -> str:
        """The language of the terms."""
        return self._language_code

    @property
    def cdk_tag_manager(self) -> TagManager:
        """The tags that `Tags.of(…)` has added."""
        return self._tags

    def _attribute(self, name: str) -> str:
        return self._resource.get_att_string(name)


class _ImportedMedicalVocabulary(IMedicalVocabulary):
    def __init__(self, scope: Construct, id: str, name: str, arn: str, language_code: str | None) -> None:
        super().__init__(scope, id, environment_from_arn=arn)
        self._attributes = {"Name": name, "Arn": arn}
        self._language_code = language_code

    @property
    def language_code(self) -> str | None:
        return self._language_code

    def _attribute(self, name: str) -> str:
        return self._attributes[name]


def _check_language(language_code: str) -> None:
    if not Token.is_unresolved(language_code) and language_code not in MEDICAL_LANGUAGES:
        raise ValueError(
            f"language_code={language_code!r} has no medical vocabularies: use {', '.join(sorted(MEDICAL_LANGUAGES))}"
        )
