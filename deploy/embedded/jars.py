"""The Elasticsearch jars: fetched once from Maven Central, kept in the user's cache, every one checked against a recorded sha256."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path

import jgo
from jgo.config import GlobalSettings

from deploy.embedded.contract import EmbeddedError, Progress, silent
from deploy.embedded.locking import held

# Exactly this version: of later ones some jars are missing from Maven Central.
VERSION = "8.19.4"
COORDINATES = f"org.elasticsearch:elasticsearch:{VERSION}+org.elasticsearch.plugin:transport-netty4:{VERSION}"
MANIFEST = Path(__file__).with_name("jars.sha256")


class JarError(EmbeddedError):
    """A jar is missing or is not the one that was recorded."""


def manifest(path: Path = MANIFEST) -> dict[str, str]:
    """The recorded jars: path inside a Maven repository → sha256, lower-case hexadecimal."""
    lines = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return {name: digest for digest, name in lines}


def folder() -> Path:
    """Where the jars are kept: `ELASTICSEARCH_JARS`, or a folder in the user's cache that all checkouts share."""
    if given := os.environ.get("ELASTICSEARCH_JARS"):
        return Path(given).expanduser().resolve()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser().resolve() / "city-platform" / f"elasticsearch-{VERSION}"


def missing(where: Path, wanted: Mapping[str, str]) -> list[str]:
    """File names of the recorded jars that are not in the folder."""
    return [name for name in _names(wanted) if not (where / name).is_file()]


def verify(where: Path, wanted: Mapping[str, str]) -> None:
    """Check every recorded jar in the folder; about 0.04 s for all 47.

    Raises JarError, naming the first jar that is missing or differs and what to do.
    """
    if gone := missing(where, wanted):
        raise JarError(
            f"Elasticsearch jar {gone[0]} is not in {where} ({len(gone)} of {len(wanted)} are missing): start again to fetch it."
        )
    for path, digest in wanted.items():
        jar = where / Path(path).name
        if _digest(jar) != digest:
            raise JarError(
                f"Elasticsearch jar {jar} is damaged: its sha256 is not the recorded {digest}. "
                "Delete that file and start again: it is then fetched anew.",
            )


def ensure(*, progress: Progress = silent, wanted: Mapping[str, str] | None = None) -> Path:
    """Return the folder that holds every recorded jar, verified; fetch what is missing. Without anything missing, no network.

    Raises JarError when a jar is damaged, cannot be fetched, or is missing from a folder named by `ELASTICSEARCH_JARS`.
    """
    wanted = manifest() if wanted is None else wanted
    where = folder()
    if missing(where, wanted):
        if os.environ.get("ELASTICSEARCH_JARS"):
            verify_given(where, wanted)
        with held(where.with_name(f"{where.name}.lock"), what="fetching the Elasticsearch jars", progress=progress):
            if missing(where, wanted):
                _fetch(where, wanted, progress)
    verify(where, wanted)
    return where


def verify_given(where: Path, wanted: Mapping[str, str]) -> None:
    """Refuse a folder named by the operator that lacks jars: it is theirs to fill. Raises JarError."""
    if gone := missing(where, wanted):
        raise JarError(
            f"ELASTICSEARCH_JARS names {where}, but {len(gone)} of {len(wanted)} jars are missing there, first {gone[0]}: "
            "copy them from a machine that has them, or unset ELASTICSEARCH_JARS to fetch them.",
        )


def _fetch(where: Path, wanted: Mapping[str, str], progress: Progress) -> None:
    """Resolve the coordinates, then copy the jars that are missing. The Maven cache in between is jgo's own."""
    progress("fetching Elasticsearch jars (first time only, 40 MB)…")
    repository = GlobalSettings.load().repo_cache
    where.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(1) as pool:
        environment = pool.submit(jgo.build, COORDINATES, cache_dir=Path(scratch))
        fetched = _await(environment, repository, wanted, progress)
        for path, digest in wanted.items():
            name = Path(path).name
            if name not in fetched or _digest(fetched[name]) != digest:
                raise JarError(
                    f"Elasticsearch jar {name} came without its recorded sha256 {digest}. Delete {repository / path} and start again; "
                    "if that does not help, the download is altered on its way: do not use it.",
                )
            if not (where / name).is_file():
                _place(fetched[name], where / name)


def _await(environment: "Future[jgo.env.Environment]", repository: Path, wanted: Mapping[str, str], progress: Progress) -> dict[str, Path]:
    """File name → path of what jgo resolved, counting aloud what has arrived."""
    while True:
        try:
            return {jar.name: jar for jar in Path(environment.result(timeout=3).path).rglob("*.jar")}
        except FutureTimeoutError:
            here = sum((repository / path).is_file() for path in wanted)
            progress(f"fetching Elasticsearch jars: {here} of {len(wanted)}…")
        except (OSError, RuntimeError, ValueError) as error:
            raise JarError(
                f"the Elasticsearch jars could not be fetched from Maven Central: {error}. Check the network (HTTPS_PROXY is honoured) "
                "and start again, or set ELASTICSEARCH_JARS to a folder that has them.",
            ) from error


def _place(source: Path, target: Path) -> None:
    """Copy so that a half-written jar never bears its final name."""
    partial = target.with_suffix(".part")
    shutil.copyfile(source, partial)
    partial.replace(target)


def _names(wanted: Iterable[str]) -> list[str]:
    return [Path(path).name for path in wanted]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
