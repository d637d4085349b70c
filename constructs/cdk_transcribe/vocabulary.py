"""Custom vocabularies: `Custom::TranscribeVocabulary`."""

from __future__ import annotations

from collections.abc import Mapping

import jsii
from aws_cdk import ITaggableV2, RemovalPolicy, Resource, TagManager
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.interfaces import aws_transcribe as refs
from constructs import Construct

from cdk_transcribe._data_access import DataAccess
from cdk_transcribe._names import arn_of_name, check_name, content_name, name_in_arn
from cdk_transcribe._provider import TranscribeProvider, tags_of, transcribe_resource
from cdk_transcribe._resource_kinds import ResourceKind
from cdk_transcribe._synthesis_findings import report
from cdk_transcribe.sources import VocabularySource, content_digest

_KIND = ResourceKind.VOCABULARY


class VocabularyGrants:
    """What can be granted on a custom vocabulary: `Vocabulary.grants`, or `from_vocabulary` for any other.

    Naming a vocabulary in a transcription job needs no permission on it.
    """

    def __init__(self, vocabulary: refs.IVocabularyRef) -> None:
        self._vocabulary = vocabulary

    @staticmethod
    def from_vocabulary(vocabulary: refs.IVocabularyRef) -> VocabularyGrants:
        """Grants on a vocabulary of this library, an imported one, or CDK's own `CfnVocabulary`."""
        return VocabularyGrants(vocabulary)

    def read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` ask for the vocabulary: its state, its language, and where to download it."""
        return self._grant(grantee, "Get")

    def manage(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` ask for the vocabulary, change and delete it. For one that no stack keeps as it is."""
        return self._grant(grantee, "Get", "Update", "Delete")

    def _grant(self, grantee: iam.IGrantable, *verbs: str) -> iam.Grant:
        arn = self._vocabulary.vocabulary_ref.vocabulary_arn
        return iam.Grant.add_to_principal(grantee=grantee, actions=_KIND.actions(*verbs), resource_arns=[arn])


@jsii.implements(refs.IVocabularyRef)
class IVocabulary(Resource):
    """A custom vocabulary, made in this app or elsewhere."""

    @property
    def vocabulary_name(self) -> str:
        """The physical name. That of a `Vocabulary` is known when it is READY."""
        return self._attribute("Name")

    @property
    def vocabulary_arn(self) -> str:
        """The ARN. That of a `Vocabulary` is known when it is READY."""
        return self._attribute("Arn")

    @property
    def language_code(self) -> str | None:
        """The language of the phrases; none where an import does not say."""
        raise NotImplementedError

    @property
    def vocabulary_ref(self) -> refs.VocabularyReference:
        """What CDK's own APIs take for a vocabulary."""
        return refs.VocabularyReference(vocabulary_arn=self.vocabulary_arn)

    @property
    def grants(self) -> VocabularyGrants:
        """What can be granted on the vocabulary."""
        return VocabularyGrants.from_vocabulary(self)

    def _attribute(self, name: str) -> str:
        raise NotImplementedError


@jsii.implements(ITaggableV2)
class Vocabulary(IVocabulary):
    """A custom vocabulary, deployed when it is READY and not before.

    Creates a `Custom::TranscribeVocabulary` and, once a stack, the Lambda functions behind it. What is known of the
    content is checked at once: findings that Transcribe is documented to refuse end the synthesis, doubtful ones are
    warnings with the id `cdk-transcribe:` and the name of the rule, for `Annotations.of(…).acknowledge_warning(…)`.
    A vocabulary that the service refuses nevertheless fails the deployment with the service's own reason, and
    CloudFormation rolls back to the one before.

    Without a name of your own, changed content or another language is a new vocabulary under a new name: it is
    created, READY and in use before the old one is deleted. With a name of your own, changed content updates the
    vocabulary in place. A key, its context, a role and tags are always changed in place.

    `Tags.of(…)` reaches the vocabulary. Two tags of this library's own say which stack owns it and what it was made
    from; a vocabulary without them is never changed or deleted.

    Args:
        language_code: the language of the phrases, such as `en-US`. Jobs in another language silently ignore the
            vocabulary. Changing it replaces a vocabulary with a generated name. With a name of your own it can't be
            changed alone, because Transcribe changes no vocabulary's language: the deployment fails and says to
            change the name too.
        source: where the phrases come from.
        vocabulary_name: a physical name, 1 to 200 of `0-9a-zA-Z._-`. By default one is generated from the
            construct's path and the content. Changing it replaces the vocabulary.
        encryption_key: a symmetric customer-managed key for Transcribe to encrypt the vocabulary with. By default
            it uses a key that AWS owns. Changing or removing it re-encrypts the vocabulary in place.
        encryption_context: up to 10 pairs of plain text that KMS binds to the encryption and logs, nothing secret.
            Keys and values have 1 to 2000 printable ASCII characters. Needs `encryption_key`. By default none.
        data_access_role: what Transcribe reads the source and uses the key as. It is granted both, unless you hand
            in `role.without_policy_updates()`; it must trust Transcribe, as a `DataAccessRole` does. By default
            the handler reads the source; with an `encryption_key` a `DataAccessRole` of its own is made.
        adopt_existing: takes over a vocabulary of this name that exists and that this resource does not own:
            somebody else's, or one that a stack before retained. It gets this content and belongs to this stack from
            then on. By default the deployment fails instead.
        removal_policy: what happens to the vocabulary when it leaves the stack or is replaced. By default it is
            deleted: its content lives in your app. With `RETAIN` and a generated name every change of content
            leaves one more old vocabulary behind, of 100 that an account may have.

    Raises:
        ValueError: when `vocabulary_name` is not a name that Transcribe takes; when Transcribe would refuse the
            source, with all that there is to say about it; when `encryption_context` stands without
            `encryption_key` or is not as above; when `encryption_key` is an alias.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        language_code: str,
        source: VocabularySource,
        vocabulary_name: str | None = None,
        encryption_key: kms.IKey | None = None,
        encryption_context: Mapping[str, str] | None = None,
        data_access_role: iam.IRole | None = None,
        adopt_existing: bool = False,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        super().__init__(scope, id)
        report(self, source.lint(language_code))
        bound = source.bind(self)
        provider = TranscribeProvider.get_or_create(self)
        access = DataAccess(
            self,
            bound,
            provider,
            encryption_key=encryption_key,
            encryption_context=encryption_context,
            data_access_role=data_access_role,
        )
        self._tags = tags_of(_KIND)
        self._resource = transcribe_resource(
            self,
            provider,
            kind=_KIND,
            name=check_name("vocabulary_name", vocabulary_name)
            if vocabulary_name is not None
            else content_name(self, content_digest(self, [language_code, bound.digest])),
            properties={"LanguageCode": language_code, **bound.properties, **access.properties},
            tags=self._tags,
            adopt_existing=adopt_existing,
            removal_policy=removal_policy,
        )
        access.comes_before(self._resource)
        self._language_code = language_code
        self._data_access_role = access.role

    @staticmethod
    def from_vocabulary_name(
        scope: Construct, id: str, vocabulary_name: str, *, language_code: str | None = None
    ) -> IVocabulary:
        """A vocabulary of this account and Region that exists already, by its name.

        Args:
            scope: where it is used.
            id: its id there.
            vocabulary_name: the physical name.
            language_code: its language, for jobs to compare theirs with. By default they do not.
        """
        arn = arn_of_name(scope, _KIND, vocabulary_name)
        return _ImportedVocabulary(scope, id, vocabulary_name, arn, language_code)

    @staticmethod
    def from_vocabulary_arn(
        scope: Construct, id: str, vocabulary_arn: str, *, language_code: str | None = None
    ) -> IVocabulary:
        """A vocabulary that exists already, by its ARN.

        Args:
            scope: where it is used.
            id: its id there.
            vocabulary_arn: the ARN.
            language_code: its language, for jobs to compare theirs with. By default they do not.
        """
        return _ImportedVocabulary(scope, id, name_in_arn(vocabulary_arn), vocabulary_arn, language_code)

    @property
    def vocabulary_state(self) -> str:
        """The state that Transcribe reported when the vocabulary was deployed: READY."""
        return self._attribute("State")

    @property
    def language_code(self) -> str:
        """The language of the phrases."""
        return self._language_code

    @property
    def data_access_role(self) -> iam.IRole | None:
        """What Transcribe reads the source and uses the key as; none when the handler reads."""
        return self._data_access_role

    @property
    def cdk_tag_manager(self) -> TagManager:
        """The tags that `Tags.of(…)` has added."""
        return self._tags

    def _attribute(self, name: str) -> str:
        return self._resource.get_att_string(name)


class _ImportedVocabulary(IVocabulary):
    def __init__(self, scope: Construct, id: str, name: str, arn: str, language_code: str | None) -> None:
        super().__init__(scope, id, environment_from_arn=arn)
        self._attributes = {"Name": name, "Arn": arn}
        self._language_code = language_code

    @property
    def language_code(self) -> str | None:
        return self._language_code

    def _attribute(self, name: str) -> str:
        return self._attributes[name]
