"""A local AWS that knows Amazon Transcribe, for laptops, CI and your own tests.

`LocalAws` runs one for the length of a `with` block; `python -m transcribe_local` runs one until Ctrl-C;
`transcribe_local.pytest_plugin` has it as a fixture.
"""

from transcribe_local.local_aws import LocalAws
from transcribe_local.server_process import LocalAwsError

__all__ = ["LocalAws", "LocalAwsError"]
