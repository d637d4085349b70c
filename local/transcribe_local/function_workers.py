"""The processes in which ministack runs Lambda functions, for a test that wants one to die."""

from ministack.core import lambda_runtime


def kill_busy_worker(function_name: str) -> bool:
    """Kill one process that runs an invocation of the function now; False when none does.

    To the caller of the function it looks as if Lambda had lost the machine: an error and no answer.
    """
    with lambda_runtime._lock:
        busy = [
            worker._proc
            for workers in lambda_runtime._workers.values()
            for worker in workers
            if worker.func_name == function_name and worker.in_use and worker._proc is not None
        ]
    for process in busy[:1]:
        process.kill()
    return bool(busy)
