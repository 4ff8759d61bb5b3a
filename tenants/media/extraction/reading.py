"""Starts the child process for a file, and makes something of however it ends."""

import json
import logging
import signal
import subprocess
import sys

from tenants.media.extraction import limits
from tenants.media.extraction.limits import Extracted

logger = logging.getLogger(__name__)

_TOO_MUCH = "文件过于复杂，读取超出限制"


def extract(path: str, *, extension: str) -> Extracted:
    """Return the words of a file; whatever is wrong with the file ends in a reason and never in an error."""
    command = [sys.executable, "-I", "-m", "tenants.media.extraction", path, extension.lower()]
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            check=False,
            timeout=limits.WALL_SECONDS,
            stdin=subprocess.DEVNULL,
            env={"PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        return Extracted("", _TOO_MUCH)
    if ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT):
        return Extracted("", _TOO_MUCH)
    try:
        said = json.loads(ended.stdout)
    except ValueError:
        last = ended.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        logger.warning("a file could not be read", extra={"status": ended.returncode, "reason": last[:200]})
        return Extracted("", _TOO_MUCH if "MemoryError" in last else "文件已损坏")
    return Extracted(str(said["text"])[: limits.TEXT_LENGTH], str(said["reason"]))
