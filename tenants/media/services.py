"""Verb: read a file and let the pages that offer it be found by its words."""

import shutil
import tempfile
from pathlib import Path
from typing import IO

from registry.contract import TenantRef
from search import services as search
from tenants.media.extraction import limits
from tenants.media.extraction.limits import Extracted
from tenants.media.extraction.reading import extract
from tenants.media.models import SiteFile


def read_file(tenant: TenantRef, *, file_id: int) -> None:
    """Read a file of the current site, in the caller's transaction; once for each content, and nothing of a file that is gone.

    Raises:
        OutsideTransactionError: no transaction is open.
        OSError: the place where files are kept does not answer.

    """
    file = SiteFile.objects.filter(pk=file_id).first()
    if file is None:
        return
    try:
        digest = str(file.get_file_hash())
        if search.spread_file_text(tenant, file_id=file_id, digest=digest):
            return
        found = _extracted(file)
    except FileNotFoundError:
        digest, found = str(file.file_hash), Extracted("", "文件已丢失")
    search.keep_file_text(tenant, file_id=file_id, digest=digest, text=found.text, reason=found.reason)


def _extracted(file: SiteFile) -> Extracted:
    """Read a copy beside which nothing else lies: files may be kept elsewhere than on this machine."""
    if (file.get_file_size() or 0) > limits.FILE_BYTES:
        return Extracted("", f"文件超过 {limits.FILE_BYTES // 1024**2} MB")
    with tempfile.TemporaryDirectory() as folder, file.open_file() as stored:
        copy = Path(folder) / "file"
        with copy.open("wb") as target:
            _copy(stored, target)
        return extract(str(copy), extension=file.file_extension)


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    shutil.copyfileobj(source, target)
