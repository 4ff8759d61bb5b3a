"""ZIP files, which all office formats are, looked at before anything in them is unpacked."""

import zipfile

from tenants.media.extraction import limits
from tenants.media.extraction.limits import UnreadableError

_DOCTYPE = b"<!DOCTYPE"
_HEAD = 4096  # bytes of an XML part in which a document type would stand


def opened(path: str) -> zipfile.ZipFile:
    """Return a ZIP that is not too large unpacked and whose XML declares no entities.

    Raises:
        UnreadableError: it is broken, locked, or made to hurt.

    """
    try:
        archive = zipfile.ZipFile(path)
        members = archive.infolist()
        _weigh(members)
        for member in members:
            if member.flag_bits & 1:
                raise UnreadableError("文件已加密")
            if member.filename.lower().endswith((".xml", ".rels")):
                with archive.open(member) as part:
                    if _DOCTYPE in part.read(_HEAD).upper():
                        raise UnreadableError("文件含有不允许的实体定义")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise UnreadableError("文件已损坏") from error
    return archive


def _weigh(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > limits.MEMBERS:
        raise UnreadableError("文件内部条目过多")
    if sum(member.file_size for member in members) > limits.ALL_MEMBERS_BYTES:
        raise UnreadableError("文件解压后过大")
    for member in members:
        is_dense = member.file_size > limits.LARGE_BYTES and member.file_size > limits.RATIO * max(member.compress_size, 1)
        if member.file_size > limits.MEMBER_BYTES or is_dense:
            raise UnreadableError("文件解压后过大")
