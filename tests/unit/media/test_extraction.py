"""Words of files, read in a child process; whatever a file does to that process, the caller gets a reason and goes on."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tenants.media.extraction import limits, reading
from tenants.media.extraction.limits import Extracted
from tests.factories import files


def read(folder: Path, content: bytes, extension: str) -> Extracted:
    file = folder / "file"
    file.write_bytes(content)
    return reading.extract(str(file), extension=extension)


@pytest.mark.parametrize(
    ("content", "extension", "text"),
    [
        (files.pdf("parking rules", "page two"), "pdf", "parking rules\npage two"),
        (files.docx("停车管理办法", "第一条", cells=["项目", "费用"]), "docx", "停车管理办法\n第一条\n项目 费用"),
        (files.xlsx(["项目", "金额"], ["停车", 5]), "xlsx", "Sheet\n项目 金额\n停车 5"),
        (files.ofd(["第一页", "通知"], ["第二页"]), "ofd", "第一页\n通知\n第二页"),
        ("停车办法\n第一条".encode(), "txt", "停车办法\n第一条"),
        ("停车,办法\n一,二".encode("gb18030"), "csv", "停车,办法\n一,二"),
        ("停车".encode("utf-16"), "txt", "停车"),
        (files.docx("名为 PDF 的文档"), "pdf", "名为 PDF 的文档"),
    ],
    ids=["pdf", "docx", "xlsx", "ofd", "utf-8", "gb18030", "utf-16", "wrong extension"],
)
def test_words_are_read(tmp_path: Path, content: bytes, extension: str, text: str) -> None:
    assert read(tmp_path, content, extension) == Extracted(text)


@pytest.mark.parametrize(
    ("make", "extension", "reason"),
    [
        (lambda: files.pdf("secret", password="x"), "pdf", "文件已加密"),
        (lambda: files.pdf("a")[:200], "pdf", "文件已损坏"),
        (lambda: b"%PDF-1.7 nothing more", "pdf", "文件已损坏"),
        (lambda: files.pdf(""), "pdf", "文件中没有文字，可能是扫描件"),
        (files.bomb, "docx", "文件解压后过大"),
        (files.laughs, "docx", "文件含有不允许的实体定义"),
        (lambda: files.docx("a")[:-100], "docx", "文件已损坏"),
        (lambda: files.archive({"word/document.xml": "<a>"}), "docx", "文件已损坏"),
        (lambda: files.archive({"OFD.xml": "<a/>"}), "ofd", "文件中没有文字，可能是扫描件"),
        (lambda: files.archive({f"{number}.bin": b"" for number in range(10_001)}), "docx", "文件内部条目过多"),
        (lambda: files.archive({"a.exe": b"MZ"}), "zip", "暂不支持读取这种格式"),
        (lambda: b"\x7fELF" + bytes(100), "pdf", "文件内容与扩展名不符"),
        (lambda: b"a\0b" * 100, "txt", "文件内容与扩展名不符"),
        (lambda: b"\xd0\xcf\x11\xe0" + bytes(100), "doc", "暂不支持读取这种格式"),
        (lambda: b"", "pdf", "文件内容与扩展名不符"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, make: Callable[[], bytes], extension: str, reason: str) -> None:
    assert read(tmp_path, make(), extension) == Extracted("", reason)


def test_a_long_file_is_cut_and_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, ("停车" * 50 + "\n").encode() * 3000, "txt")

    assert len(found.text) == 200_000
    assert found.reason == "只检索前 200000 个字"


def test_of_a_thousand_pages_too_many_the_first_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, files.pdf(*(f"page {number}" for number in range(limits.PAGES + 100))), "pdf")

    assert "page 1999" in found.text
    assert "page 2000" not in found.text


def test_a_child_cannot_take_much_memory_nor_write(tmp_path: Path) -> None:
    script = (
        "from tenants.media.extraction.limits import restrain; restrain()\n"
        "try:\n    bytearray(600 * 1024**2)\nexcept MemoryError:\n    print('memory')\n"
        f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"try:\n    open({str(tmp_path / 'out')!r}, 'wb', buffering=0).write(b'x')\nexcept OSError:\n    print('no writing')\n"
    )

    ended = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)

    assert ended.stdout.split("\n")[:2] == ["memory", "no writing"]


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WALL_SECONDS", 0.01)

    assert read(tmp_path, files.pdf("a"), "pdf") == Extracted("", "文件过于复杂，读取超出限制")
