"""What `doctor` looks at: whether anybody works on jobs, and which failed."""

from jobs import selectors
from jobs.contract import JobState
from observability.doctor import Finding

LONG_SECONDS = 60


def check_jobs() -> Finding:
    """Say when jobs wait and nobody works, or wait long, or failed."""
    waiting, failed = selectors.oldest_wait(), selectors.counts()[JobState.FAILED]
    if waiting and not selectors.workers():
        return Finding.warning(f"Jobs wait for {waiting:.0f} s and no worker runs.", "Start one: manage.py jobs run.")
    if waiting > LONG_SECONDS:
        return Finding.warning(f"The first job waits for {waiting:.0f} s.", "Start another worker: manage.py jobs run.")
    if failed:
        return Finding.warning(f"{failed} jobs failed.", "See why: manage.py jobs list --state failed; then manage.py jobs retry.")
    return Finding.ok("Nothing waits.")
