"""The objects that jobs write: with the job's key, and with its role's permissions if it has one."""

import json
from typing import Any

from transcribe_local.job import Job
from transcribe_local.object_store import ObjectLocation, ObjectStore
from transcribe_local.scope import Scope

UNWRITABLE = (
    "The S3 bucket that you provided for the output can't be accessed. Make sure that you have write permission "
    "and try your request again."
)
WRITE_PROBE = ".write_access_check_file.temp"


def write_probe(output: ObjectLocation) -> ObjectLocation:
    """The object that the service writes beside the output before it accepts a job."""
    prefix, separator, _ = output.key.rpartition("/")
    return ObjectLocation(output.bucket, prefix + separator + WRITE_PROBE)


class JobOutput:
    """Writes the objects of jobs. Every method raises InaccessibleObjectError when the bucket takes none."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def location(self, scope: Scope, request: dict[str, Any], file_name: str, *, folder: str = "") -> ObjectLocation:
        """Where the request's OutputBucketName and OutputKey put the output; without them, the service's own bucket.

        OutputKey is the key itself when it ends in `.json` and a folder otherwise. `folder` is where the output goes
        without one.
        """
        if "OutputBucketName" not in request:
            return self.service_location(scope, file_name)
        key = request.get("OutputKey", folder)
        if not key.endswith(".json"):
            key = f"{key.removesuffix('/')}/{file_name}"
        return ObjectLocation(request["OutputBucketName"], key.removeprefix("/"))

    def service_location(self, scope: Scope, key: str) -> ObjectLocation:
        """A place in the service's own bucket."""
        return ObjectLocation(self._objects.service_bucket(scope), "/".join((*scope, key)))

    def put(self, job: Job, location: ObjectLocation, body: bytes, content_type: str) -> str:
        """Write one object; the answer is the address that the job's description gives for it."""
        key = job.request.get("OutputEncryptionKMSKeyId")
        self._objects.write(job.scope, location, body, content_type, kms_key_id=key, role_arn=job.plan.role_arn)
        if job.has_own_bucket:
            return location.https_uri(job.scope.region)
        return self._objects.fetch_uri(location)

    def put_document(self, job: Job, location: ObjectLocation, document: dict[str, Any]) -> str:
        """Write a JSON document, as `put` does."""
        return self.put(job, location, json.dumps(document).encode(), "application/json")
