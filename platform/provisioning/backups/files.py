"""A site's uploaded files: which ones its rows speak of, held fast while they are copied, and where they lie."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import FileField

from provisioning.backups.tables import Shape


def folder_of(schema: str) -> Path:
    """Return the folder of a schema's files."""
    return Path(settings.MEDIA_ROOT) / schema


def referenced(schema: str, shapes: list[Shape]) -> list[str]:
    """Return the names of all files that rows of a schema speak of, in the view of the current transaction."""
    there = {shape.name: set(shape.columns) for shape in shapes}
    names: set[str] = set()
    for model in apps.get_models(include_auto_created=True):
        columns = there.get(model._meta.db_table, set())
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField) and field.column in columns and field.storage == default_storage:
                names |= _values(schema, model._meta.db_table, field.column)
    return sorted(name for name in names if is_plain(name))


def is_plain(name: str) -> bool:
    """Whether a name stays inside the folder it is looked for in."""
    path = PurePosixPath(name)
    return (
        bool(name) and not path.is_absolute() and ".." not in path.parts and str(path) == name and "\\" not in name and "\x00" not in name
    )


def _values(schema: str, table: str, column: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT DISTINCT "{column}" FROM "{schema}"."{table}" WHERE "{column}" <> %s', [""])  # noqa: S608 - names of models
        return {name for (name,) in cursor.fetchall()}


class Held:
    """Links to a site's files, so that one deleted while the backup runs can still be copied."""

    def __init__(self, schema: str, folder: Path) -> None:
        self._source, self._folder = folder_of(schema), folder

    def hold_all(self) -> None:
        """Hold every file there is now."""
        for path in sorted(self._source.rglob("*")) if self._source.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                self.hold(path.relative_to(self._source).as_posix())

    def hold(self, name: str) -> bool:
        """Hold one file and return whether it is held; a file system without links gets no protection, only the file itself."""
        target = self._folder / name
        if target.exists():
            return True
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(self._source / name, target, follow_symlinks=False)
        except FileNotFoundError:
            return False
        except OSError:
            return self._is_there(name)
        return True

    def path(self, name: str) -> Path:
        """Return where a held file can be read."""
        held = self._folder / name
        return held if held.exists() else self._source / name

    def _is_there(self, name: str) -> bool:
        return (self._source / name).is_file()


@contextmanager
def held(schema: str) -> Iterator[Held]:
    """Hold a site's files for the block; what a killed process held is let go first."""
    folder = Path(settings.MEDIA_ROOT) / f".held-{schema}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield Held(schema, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
