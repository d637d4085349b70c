"""Whatever happens to vocabularies and filters in a stack's life, it ends well.

Random sequences of deployments are driven through the real handlers, as CloudFormation and CDK's provider framework
drive them (`stacks.py`), over HTTP against the local Transcribe. Every deployment may meet crashes between two service
calls, lost answers, throttles, limits, faults, duplicates, cancellation, and somebody else who works on the same names.

After each deployment:

- nothing is left over that belongs to a resource which the stack does not have;
- nothing that belongs to somebody else has changed;
- the physical id is the name that the template says;
- what is deployed is what was wished, or after a failure what was there before: content, tags, role and key;
- what could succeed did, what could not was refused, and neither took an hour.

`HYPOTHESIS_PROFILE=nightly` tries ten times as many sequences, and longer ones.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from transcribe_local.faults import Fault
from transcribe_local.scope import Scope
from transcribe_local.transcribe_server import TranscribeServer

from .conftest import Handlers
from .stacks import Course, Outcome, Requests, Transport

SEQUENCES = {"default": (220, 6), "nightly": (2500, 10)}

SCOPE = Scope("000000000000", "us-east-1")
KINDS = ("Vocabulary", "MedicalVocabulary", "VocabularyFilter")
STACKS = {
    name: f"arn:aws:cloudformation:us-east-1:000000000000:stack/{name}/1b2c3d4e-0000-4000-8000-00000000000{number}"
    for number, name in enumerate(("calls", "chats"))
}
NAMES = ("calls-Terms", "calls-Terms-2", "calls-More", "chats-Terms", "shared")
OWNER_TAG, DIGEST_TAG = "cdk-transcribe:owner", "cdk-transcribe:digest"
ROLE = "arn:aws:iam::000000000000:role/reader"
KEY = "arn:aws:kms:us-east-1:000000000000:key/1b2c3d4e-0000-4000-8000-00000000000"
HEADER = "Phrase\tSoundsLike\tIPA\tDisplayAs\n"
UNREADABLE_FILE = "s3://assets/nowhere"
TRANSIENT = ("LimitExceededException", "ThrottlingException", "InternalFailureException", "ServiceUnavailableException")


@dataclass(frozen=True)
class Content:
    """What a vocabulary or filter is made from; `word` is "bad one" where the service must refuse it."""

    word: str
    inline: bool
    language: str = "en-US"

    def is_good(self) -> bool:
        return self.word not in ("bad one", "missing")

    def file(self, kind: str) -> bytes:
        # A filter may hold any word of its language's letters, spaces included.
        word = "9%" if self.word == "bad one" and kind == "VocabularyFilter" else self.word
        if kind == "VocabularyFilter":
            return f"{word}\n".encode()
        return f"{HEADER}{word}\t\t\tshown\n".encode()

    def properties(self, kind: str) -> dict[str, Any]:
        name = "VocabularyFilter" if kind == "VocabularyFilter" else "Vocabulary"
        uri = UNREADABLE_FILE if self.word == "missing" else f"s3://assets/{kind}/{self.word}"
        if self.is_inline(kind):
            word = "9%" if self.word == "bad one" and kind == "VocabularyFilter" else self.word
            return {"LanguageCode": self.language, {"VocabularyFilter": "Words"}.get(kind, "Phrases"): [word]}
        return {"LanguageCode": self.language, f"{name}FileUri": uri}

    def is_inline(self, kind: str) -> bool:
        return self.inline and kind != "MedicalVocabulary" and self.word != "missing"

    def sha256(self, kind: str) -> str:
        properties = self.properties(kind)
        inline = properties.get("Words") or properties.get("Phrases")
        return hashlib.sha256("\n".join(inline).encode() if inline else self.file(kind)).hexdigest()


@dataclass(frozen=True)
class Template:
    """What a stack's template says about one resource."""

    kind: str
    name: str
    content: Content
    tags: tuple[tuple[str, str], ...] = ()
    key: str = ""
    adopt: bool = False
    retain: bool = False

    @property
    def place(self) -> tuple[str, str]:
        return self.kind, self.name

    @property
    def access(self) -> dict[str, Any]:
        if not self.key or self.kind == "MedicalVocabulary":
            return {}
        return {"DataAccessRoleArn": ROLE, "EncryptionConfiguration": {"KMSKey": self.key}}

    @property
    def properties(self) -> dict[str, Any]:
        field_of_name = "VocabularyFilterName" if self.kind == "VocabularyFilter" else "VocabularyName"
        tags = {"Tags": [{"Key": key, "Value": value} for key, value in self.tags]} if self.tags else {}
        return {
            "ServiceToken": "x",
            field_of_name: self.name,
            **self.content.properties(self.kind),
            **self.access,
            **tags,
            "AdoptExisting": "true" if self.adopt else "false",
        }


@dataclass(frozen=True)
class Trouble:
    """What goes wrong during one request."""

    faults: tuple[Fault, ...] = ()
    """Their operations are verbs only, as the kind goes without saying."""
    course: Course = field(default_factory=Course)
    is_final: bool = False
    """The request may fail of it."""

    def is_foreseeable(self) -> bool:
        return not self.is_final and self.course.interruption is None


GOOD_WORDS = ("one", "two", "three")
contents = st.builds(
    Content,
    word=st.sampled_from([*GOOD_WORDS, *GOOD_WORDS, "bad one", "missing"]),
    inline=st.booleans(),
    language=st.sampled_from(["en-US", "en-US", "en-US", "en-US", "fr-FR"]),
)
TAGS = ((), (("Team", "A"),), (("Team", "B"), ("Stage", "x")))
KEYS = ("", f"{KEY}1", f"{KEY}2")
verbs = st.sampled_from(["Get", "Create", "Update", "Delete", "ListTags", "Tag", "Untag"])


def operation(verb: str, kind: str) -> str:
    return {"ListTags": "ListTagsForResource", "Tag": "TagResource", "Untag": "UntagResource"}.get(verb, verb + kind)


@st.composite
def transient_faults(draw: st.DrawFn) -> tuple[Fault, ...]:
    return tuple(
        Fault(
            draw(verbs),
            draw(st.sampled_from(TRANSIENT)),
            times=draw(st.integers(1, 3)),
            after_effect=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 3)))
    )


crashes = st.dictionaries(st.integers(1, 9), st.sampled_from(["before", "after"]), max_size=2)
passing_troubles = st.one_of(
    st.just(Trouble()),
    st.builds(
        Trouble,
        faults=transient_faults(),
        course=st.builds(Course, crashes=crashes, crash_is_repeated=st.just(True), doubled=st.booleans()),
    ),
)
crashing = st.builds(
    Trouble, faults=transient_faults(), course=st.builds(Course, crashes=crashes), is_final=st.just(True)
)
cancelled = st.builds(
    Trouble,
    course=st.builds(Course, cancelled_after=st.sampled_from([1, 2, 3, 0]), doubled=st.booleans()),
    is_final=st.just(True),
)
denied = st.builds(
    lambda verb: Trouble((Fault(verb, "AccessDeniedException", "not authorized", times=1),), is_final=True), verbs
)
deniable = st.one_of(passing_troubles, denied)
interrupted = st.builds(
    Trouble,
    faults=transient_faults(),
    course=st.builds(
        Course, interruption=st.tuples(st.integers(1, 8), st.sampled_from(["delete", "create", "change"]))
    ),
)


CHANGES = st.sampled_from(
    [
        ("content",),
        ("name",),
        ("tags",),
        ("key",),
        ("content", "name"),
        ("content", "tags"),
        ("name", "adopt"),
        ("name", "tags", "retain"),
        ("content", "key", "tags", "adopt"),
    ]
)
# An update in place that takes its time, or a replacement: what a cancellation can leave half done.
SLOW_CHANGES = st.sampled_from([("name",), ("name", "tags"), ("content", "tags"), ("content",), ("key", "tags")])


@st.composite
def templates(draw: st.DrawFn, resource: Resource, changes: st.SearchStrategy[tuple[str, ...]] = CHANGES) -> Template:
    """A resource's next template: a few changes to the present one, where there is one."""
    own = f"{resource.stack}-{resource.logical_id}"
    present = resource.template or Template(resource.kind, own, Content("one", inline=False))
    values: dict[str, st.SearchStrategy[Any]] = {
        "content": contents,
        "name": st.sampled_from([name for name in (own, f"{own}-2", "shared") if name != present.name]),
        "tags": st.sampled_from([tags for tags in TAGS if tags != present.tags]),
        "key": st.sampled_from([key for key in KEYS if key != present.key]),
        "adopt": st.booleans(),
        "retain": st.sampled_from([False, False, True]),
    }
    template = replace(present, **{name: draw(values[name]) for name in draw(changes)})
    if resource.kind == "MedicalVocabulary":
        return replace(template, content=replace(template.content, language="en-US", inline=False))
    return template


@dataclass
class Resource:
    """One logical id of a stack, and what CloudFormation knows of it."""

    stack: str
    logical_id: str
    kind: str
    owner: str
    template: Template | None = None
    """What is deployed; None when the stack has no such resource."""
    abandoned: set[str] = field(default_factory=set)
    """Names that CloudFormation was told to leave behind, or could not delete during a clean-up."""

    def event(self, request_type: str, template: Template, **fields: Any) -> dict[str, Any]:
        return {
            "RequestType": request_type,
            "ResourceType": f"Custom::Transcribe{self.kind}",
            "StackId": STACKS[self.stack],
            "LogicalResourceId": self.logical_id,
            "ResourceProperties": template.properties,
            **fields,
        }


class World:
    """What outlives a sequence: the server, the handlers and their clients."""

    def __init__(self) -> None:
        self.server = TranscribeServer().__enter__()
        environment = {**self.server.environment, "AWS_MAX_ATTEMPTS": "1"}
        self.handlers = Handlers(environment).make_clients()
        self.handlers.custom_resource.time = self.server.clock
        transcribe = self.handlers.resource_kind.transcribe
        self.transport = Transport(transcribe)
        # Made anew for every call, the name of the client takes a tenth of all the time.
        name = transcribe._user_agent_creator.to_string()
        transcribe._user_agent_creator.to_string = lambda: name


SLOTS = st.integers(0, 2)


class VocabularyLife(RuleBasedStateMachine):
    """Three resources in two stacks, and somebody else, all of one kind and with the same few names."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.server = self.world.server
        self.server.reset()
        self.clock: Any = self.server.clock
        self.requests = Requests(self.world.handlers.custom_resource, self.clock, self.world.transport, self.interrupt)
        self.world.handlers.stack_events.client = lambda: self.requests
        self.tampered: set[tuple[str, str]] = set()
        self.interrupted_place = ("", "")
        self.kind = ""
        self.hears_of_failed_ids = True
        """Whether CloudFormation takes the physical id from an update that fails, which no documentation says."""
        self.resources: list[Resource] = []

    @initialize(
        kind=st.sampled_from(KINDS),
        pending=st.sampled_from([0, 12, 12, 40]),
        places=st.sampled_from([1, 2, 10]),
        deployed=SLOTS,
        hears=st.booleans(),
    )
    def begin(self, *, kind: str, pending: int, places: int, deployed: int, hears: bool) -> None:
        self.server.service.settings.change({"pending_seconds": pending, "max_pending_vocabularies": places})
        self.kind = kind
        self.hears_of_failed_ids = hears
        owner_of = self.world.handlers.ownership_tags.owner_of
        self.resources = [
            Resource(stack, logical_id, kind, owner_of(STACKS[stack], logical_id))
            for stack, logical_id in (("calls", "Terms"), ("calls", "More"), ("chats", "Terms"))
        ]
        for word in ("one", "two", "three", "bad one"):
            self.server.objects.put(f"s3://assets/{kind}/{word}", Content(word, inline=False).file(kind))
        for resource in self.resources[:deployed]:
            template = Template(
                kind, f"{resource.stack}-{resource.logical_id}", Content("one", inline=True), TAGS[2], KEYS[1]
            )
            outcome = self.send(resource, "forward", None, template, Trouble())
            self.settle_deployment(resource, template, outcome, Trouble())

    # What others do.

    def interrupt(self, deed: str) -> None:
        kind, name = self.interrupted_place
        if deed == "delete":
            self.delete_behind_the_back(kind, name)
        elif deed == "create":
            self.create_by_hand(kind, name, Content("theirs", inline=False))
        else:
            self.change_by_hand(kind, name)

    def by_hand(self, verb: str, kind: str, name: str, **request: Any) -> None:
        field_of_name = "VocabularyFilterName" if kind == "VocabularyFilter" else "VocabularyName"
        faults, self.server.service.faults = self.server.service.faults, []
        try:
            self.server.service.call(verb + kind, {field_of_name: name, **request}, SCOPE)
        finally:
            self.server.service.faults = faults

    def there(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What Transcribe holds; the time of the last change, and what only time changes, left out."""
        return {
            (entry["Kind"], entry.get("VocabularyName") or entry["VocabularyFilterName"]): {
                key: value for key, value in entry.items() if key != "LastModifiedTime"
            }
            for entry in self.server.service.snapshot()
        }

    def delete_behind_the_back(self, kind: str, name: str) -> None:
        if (kind, name) in self.there():
            self.settle()
            self.by_hand("Delete", kind, name)
            self.tampered.discard((kind, name))

    def create_by_hand(self, kind: str, name: str, content: Content, **request: Any) -> None:
        if (kind, name) not in self.there():
            self.settle()
            uri = f"s3://theirs/{kind}/{content.word}"
            self.server.objects.put(uri, content.file(kind))
            field_of_file = "VocabularyFilterFileUri" if kind == "VocabularyFilter" else "VocabularyFileUri"
            self.by_hand("Create", kind, name, LanguageCode="en-US", **{field_of_file: uri}, **request)

    def change_by_hand(self, kind: str, name: str) -> None:
        present = self.there().get((kind, name))
        if present:
            self.settle()
            self.server.objects.put(f"s3://theirs/{kind}/changed", Content("changed", inline=False).file(kind))
            language = {} if kind == "VocabularyFilter" else {"LanguageCode": present["LanguageCode"]}
            field_of_file = "VocabularyFilterFileUri" if kind == "VocabularyFilter" else "VocabularyFileUri"
            self.by_hand("Update", kind, name, **language, **{field_of_file: f"s3://theirs/{kind}/changed"})
            self.tampered.add((kind, name))

    def settle(self) -> None:
        self.clock.advance(self.server.service.settings.pending_seconds)

    @rule(
        deed=st.sampled_from(["delete", "create", "change"]),
        name=st.sampled_from(NAMES),
        tags=st.sampled_from([{}, {"Team": "C"}, {OWNER_TAG: "calls/Other/0123", DIGEST_TAG: "0123"}]),
    )
    def somebody_else(self, deed: str, name: str, tags: dict[str, str]) -> None:
        if deed == "create":
            request = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]} if tags else {}
            self.create_by_hand(self.kind, name, Content("theirs", inline=False), **request)
        elif deed == "delete":
            self.delete_behind_the_back(self.kind, name)
        else:
            self.change_by_hand(self.kind, name)

    # What stacks do.

    @rule(data=st.data(), slot=SLOTS, trouble=passing_troubles, later_trouble=passing_troubles)
    def deploy(self, data: st.DataObject, slot: int, trouble: Trouble, later_trouble: Trouble) -> None:
        self.deploy_one(self.resources[slot], data, trouble, later_trouble)

    @rule(data=st.data(), slot=SLOTS, trouble=crashing, later_trouble=passing_troubles)
    def deploy_and_crash(self, data: st.DataObject, slot: int, trouble: Trouble, later_trouble: Trouble) -> None:
        self.deploy_one(self.resources[slot], data, trouble, later_trouble)

    @rule(data=st.data(), trouble=cancelled, later_trouble=passing_troubles)
    def deploy_and_be_cancelled(self, data: st.DataObject, trouble: Trouble, later_trouble: Trouble) -> None:
        resource = data.draw(st.sampled_from(self.deployed() or self.resources))
        self.deploy_one(resource, data, trouble, later_trouble, SLOW_CHANGES)

    @rule(data=st.data(), slot=SLOTS, trouble=denied, later_trouble=deniable)
    def deploy_and_be_denied(self, data: st.DataObject, slot: int, trouble: Trouble, later_trouble: Trouble) -> None:
        self.deploy_one(self.resources[slot], data, trouble, later_trouble)

    @rule(data=st.data(), slot=SLOTS, trouble=interrupted, later_trouble=passing_troubles)
    def deploy_and_be_interrupted(
        self, data: st.DataObject, slot: int, trouble: Trouble, later_trouble: Trouble
    ) -> None:
        self.deploy_one(self.resources[slot], data, trouble, later_trouble)

    def deployed(self) -> list[Resource]:
        return [resource for resource in self.resources if resource.template is not None]

    def deploy_one(
        self,
        resource: Resource,
        data: st.DataObject,
        trouble: Trouble,
        later_trouble: Trouble,
        changes: st.SearchStrategy[tuple[str, ...]] = CHANGES,
    ) -> None:
        template = data.draw(templates(resource, changes))
        expected = self.can_become(resource, template)
        before = self.there()
        outcome = self.send(resource, "forward", resource.template, template, trouble)
        if trouble.is_foreseeable():
            assert outcome.succeeded == expected, outcome
        elif trouble.course.interruption and trouble.course.interruption[1] != "create" and expected:
            assert outcome.succeeded, outcome
        assert outcome.reason != "Operation timed out"
        self.check_strangers(before, [resource], {template.place} if template.adopt else set())
        nobody_elses = {place for place, entry in before.items() if entry["Tags"].get(OWNER_TAG) == resource.owner}
        nobody_elses.add(self.interrupted_place)
        was_refused = not outcome.succeeded
        if trouble.course.interruption and not was_refused:
            # A change after the request's last look leaves the vocabulary PENDING, and no handler could know.
            self.settle()
        if was_refused and resource.template is not None and not self.hears_of_failed_ids:
            outcome = replace(outcome, physical_id="")
        elif not template.content.is_good() or data.draw(st.sampled_from([False, False, True]), "another fails"):
            # Bad content, which somebody else's change made good, is not to stay: nothing after it could be foreseen.
            outcome = replace(outcome, succeeded=False)
        taken_over = not was_refused or self.is_as_wished(resource, template)
        self.settle_deployment(resource, template, outcome, later_trouble)
        if not taken_over:
            assert set(before) - nobody_elses <= set(self.there()), "a failed adoption is undone, not deleted"

    @rule(slots=st.lists(SLOTS, min_size=2, max_size=2, unique=True), data=st.data())
    def deploy_side_by_side(self, slots: list[int], data: st.DataObject) -> None:
        before = self.there()
        chosen = [(self.resources[slot], data.draw(templates(self.resources[slot]))) for slot in slots]
        outcomes = self.requests.run(
            *(
                self.requests.send(self.request_event(resource, resource.template, template), Course())
                for resource, template in chosen
            )
        )
        adopted = {template.place for _, template in chosen if template.adopt}
        self.check_strangers(before, [resource for resource, _ in chosen], adopted)
        for (resource, template), outcome in zip(chosen, outcomes, strict=True):
            assert outcome.reason != "Operation timed out"
            self.settle_deployment(resource, template, outcome, Trouble(), is_alone=False)

    @precondition(lambda self: self.deployed())
    @rule(data=st.data(), trouble=passing_troubles)
    def destroy(self, data: st.DataObject, trouble: Trouble) -> None:
        resource = data.draw(st.sampled_from(self.deployed()))
        assert resource.template is not None
        self.remove(resource, resource.template, trouble)
        resource.template = None

    def settle_deployment(
        self, resource: Resource, template: Template, outcome: Outcome, trouble: Trouble, is_alone: bool = True
    ) -> None:
        """What CloudFormation does after a request: clean up, or roll back."""
        previous = resource.template
        if outcome.succeeded:
            assert outcome.physical_id == template.name
            assert dict(outcome.attributes) == {
                "Name": template.name,
                "Arn": self.there()[template.place]["Arn"] if is_alone else outcome.attributes["Arn"],
                "State": "READY",
            }
            resource.template = template
            resource.abandoned.discard(template.name)
            if previous is not None and previous.name != template.name:
                self.remove(resource, previous, trouble)
            if is_alone:
                self.check_deployed(resource, template)
        elif previous is None:
            self.remove(resource, template, trouble, outcome.physical_id or "invented")
        else:
            self.roll_back(resource, previous, template, outcome, trouble, is_alone)

    def roll_back(
        self,
        resource: Resource,
        previous: Template,
        failed: Template,
        outcome: Outcome,
        trouble: Trouble,
        is_alone: bool,
    ) -> None:
        before = self.there()
        expected = self.can_become(resource, previous)
        present_id = outcome.physical_id or previous.name
        back = self.send(resource, present_id, failed, previous, trouble)
        if _is_usable(before.get(previous.place)):
            assert previous.place in self.there(), "even a rollback that fails leaves what was there"
        if trouble.is_final and not back.succeeded:
            # UPDATE_ROLLBACK_FAILED, and a person who continues the rollback once the trouble is over.
            back = self.send(resource, present_id, failed, previous, Trouble())
        if is_alone:
            assert back.succeeded == expected, back
        self.check_strangers(before, [resource], {previous.place} if previous.adopt else set())
        if back.succeeded:
            self.check_deployed(resource, previous)
        if outcome.physical_id not in ("", previous.name):
            self.remove(resource, failed, trouble)

    def remove(self, resource: Resource, template: Template, trouble: Trouble, physical_id: str = "") -> None:
        if template.retain:
            if self.there().get(template.place, {}).get("Tags", {}).get(OWNER_TAG) == resource.owner:
                resource.abandoned.add(template.name)
            return
        before = self.there()
        invented = f"{resource.stack}-{resource.logical_id}-ABCDEFGHIJKLM"
        event = resource.event(
            "Delete",
            template,
            PhysicalResourceId=invented if physical_id == "invented" else physical_id or template.name,
        )
        # A deletion that is denied leaves behind what it says that it leaves.
        outcome = self.with_faults(Trouble() if trouble.is_final else trouble, event, template.place)
        assert outcome.succeeded, outcome
        self.check_strangers(before, [resource], set())
        gone = self.there().get(template.place)
        assert gone is None or gone["Tags"].get(OWNER_TAG) != resource.owner
        resource.abandoned.discard(template.name)
        self.tampered &= set(self.there())

    def send(
        self, resource: Resource, physical_id: str, old: Template | None, new: Template, trouble: Trouble
    ) -> Outcome:
        event = self.request_event(resource, old, new)
        if physical_id != "forward":
            event["PhysicalResourceId"] = physical_id
        return self.with_faults(trouble, event, new.place)

    def request_event(self, resource: Resource, old: Template | None, new: Template) -> dict[str, Any]:
        if old is None:
            return resource.event("Create", new)
        return resource.event("Update", new, PhysicalResourceId=old.name, OldResourceProperties=old.properties)

    def with_faults(self, trouble: Trouble, event: dict[str, Any], place: tuple[str, str]) -> Outcome:
        self.interrupted_place = place if trouble.course.interruption else ("", "")
        self.server.service.faults[:] = [
            replace(fault, operation=operation(fault.operation, self.kind)) for fault in trouble.faults
        ]
        try:
            return self.requests.run(self.requests.send(event, trouble.course))[0]
        finally:
            self.server.service.faults.clear()

    # What must hold.

    def can_become(self, resource: Resource, template: Template) -> bool:
        present = self.there().get(template.place)
        if present is None:
            return template.content.is_good()
        if present["Tags"].get(OWNER_TAG) != resource.owner and not template.adopt:
            return False
        return template.content.is_good() and present["LanguageCode"] == template.content.language

    def is_as_wished(self, resource: Resource, template: Template) -> bool:
        present = self.there().get(template.place)
        return (
            present is not None
            and _is_usable(present)
            and present["Tags"].get(OWNER_TAG) == resource.owner
            and present["ContentSha256"] == template.content.sha256(template.kind)
        )

    def check_deployed(self, resource: Resource, template: Template) -> None:
        deployed = self.there()[template.place]
        if template.place not in self.tampered:
            assert deployed["ContentSha256"] == template.content.sha256(template.kind)
            access = {key: deployed[key] for key in ("DataAccessRoleArn", "EncryptionConfiguration") if key in deployed}
            assert access == template.access
        assert deployed["LanguageCode"] == template.content.language
        assert deployed.get("VocabularyState", "READY") == "READY"
        tags = deployed["Tags"]
        assert tags.pop(OWNER_TAG) == resource.owner
        assert len(tags.pop(DIGEST_TAG)) == 32
        assert tags == dict(template.tags)

    def check_strangers(
        self,
        before: dict[tuple[str, str], dict[str, Any]],
        acting: list[Resource],
        adopted: set[tuple[str, str]],
    ) -> None:
        after = self.there()
        owners = {resource.owner for resource in acting}
        for place, entry in before.items():
            if entry["Tags"].get(OWNER_TAG) in owners or place == self.interrupted_place:
                continue
            assert place in after
            if place not in adopted:
                assert _without_state(after[place]) == _without_state(entry), place

    @invariant()
    def check_leftovers(self) -> None:
        holders = {resource.owner: resource for resource in self.resources}
        for (kind, name), entry in self.there().items():
            holder = holders.get(entry["Tags"].get(OWNER_TAG, ""))
            if holder is not None and holder.kind == kind:
                current = {holder.template.name} if holder.template else set()
                assert name in current | holder.abandoned, f"{entry['Arn']} is left over"

    def teardown(self) -> None:
        self.requests.lay_ghosts()
        self.check_leftovers()


def _is_usable(entry: dict[str, Any] | None) -> bool:
    return entry is not None and entry.get("VocabularyState", "READY") == "READY"


def _without_state(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in ("VocabularyState", "FailureReason")}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    world = World()
    yield world
    world.server.__exit__(None, None, None)


def test_every_sequence_of_deployments_ends_well(world: World) -> None:
    VocabularyLife.world = world
    profile = os.environ.get("HYPOTHESIS_PROFILE", "default")
    sequences, steps = SEQUENCES[profile]
    run_state_machine_as_test(
        VocabularyLife,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            # The same lives for everybody who changes something; new ones every night.
            derandomize=profile == "default",
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
