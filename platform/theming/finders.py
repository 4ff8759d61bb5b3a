"""Static files of every theme: `themes/<theme>/static/<theme>/site.css` is served as `<theme>/site.css`."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import get_files
from django.core.checks import CheckMessage
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage
from django.utils._os import safe_join
from typing_extensions import override

from theming.catalogue import catalogue


class ThemeFinder(BaseFinder):
    """Finds static files by theme; each theme may only bring files under its own name."""

    @override
    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Nothing to configure, so nothing to complain of."""
        return []

    @override
    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file behind `<theme>/…`, or an empty list."""
        name = path.replace("\\", "/").partition("/")[0]
        if name not in catalogue().themes:
            return []
        try:
            found = Path(safe_join(_folder(name), path))
        except SuspiciousFileOperation:
            return []
        if not found.is_file():
            return []
        return [str(found)] if find_all else str(found)

    @override
    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield every theme's files with the storage that holds them, for `collectstatic`."""
        for name in catalogue().themes:
            storage = FileSystemStorage(location=_folder(name))
            if storage.exists(name):
                yield from ((path, storage) for path in get_files(storage, [*(ignore_patterns or [])], name))


def _folder(name: str) -> Path:
    return catalogue().root / name / "static"
