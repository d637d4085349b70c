"""How far a job has come. A row of the ledger has one of these, and only ever moves on to a later one."""

STARTING = "STARTING"
QUEUED = "QUEUED"
IN_PROGRESS = "IN_PROGRESS"
COMPLETED = "COMPLETED"
FAILED = "FAILED"
# Transcribe refused to start the job.
REJECTED = "REJECTED"
# Transcribe does not know the job, and it did not end as long as it did.
LOST = "LOST"

OPEN = (STARTING, QUEUED, IN_PROGRESS)
ENDS = (COMPLETED, FAILED, REJECTED, LOST)
