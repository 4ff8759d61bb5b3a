"""The child process: reads one file under limits and prints what it holds as one JSON object."""

import json
import logging
import sys
import time

from tenants.media.extraction import formats, limits
from tenants.media.extraction.limits import Extracted, UnreadableError


def read(path: str, extension: str) -> Extracted:
    """Return what can be read of a file within its limits."""
    parts: list[str] = []
    length = 0
    try:
        for piece in formats.reader_for(path, extension)(path):
            parts.append(piece)
            length += len(piece) + 1
            if length > limits.TEXT_LENGTH:
                return Extracted(_joined(parts), f"只检索前 {limits.TEXT_LENGTH} 个字")
            if time.process_time() > limits.READING_SECONDS:
                return Extracted(_joined(parts), "文件过于复杂，只读取了前面一部分")
    except UnreadableError as error:
        return Extracted(_joined(parts), str(error))
    except MemoryError:
        return Extracted("", "文件过于复杂，超出内存限制")
    except formats.BROKEN:
        return Extracted(_joined(parts), "文件已损坏")
    text = _joined(parts)
    return Extracted(text, "" if text else "文件中没有文字，可能是扫描件")


def _joined(parts: list[str]) -> str:
    text = "\n".join(line for part in parts if (line := part.strip()))[: limits.TEXT_LENGTH]
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def main() -> None:
    """Read the file named first; its extension comes second."""
    limits.restrain()
    logging.disable()  # what a library says of a broken file is nobody's log
    found = read(sys.argv[1], sys.argv[2])
    sys.stdout.write(json.dumps({"text": found.text, "reason": found.reason}))


if __name__ == "__main__":
    main()
