"""Captions: what browsers show is taken, all else is refused with the line and what to do."""

import pytest

from tenants.media.extraction.captions import MOST_BYTES, CaptionsError, check_captions

GOOD = """WEBVTT 中文字幕

NOTE 样例

1
00:00:01.000 --> 00:00:04.000 line:80%
大家好，今天讲<b>三件事</b>。

00:04.500 --> 01:02:03.000
<v 主持人>第一件。<00:00:05.000>第二件。</v>
"""


@pytest.mark.parametrize("content", [GOOD.encode(), b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode()])
def test_webvtt_is_taken(content: bytes) -> None:
    assert check_captions(content) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "第 1 行须是 WEBVTT"),
        ("1\n00:00:01,000 --> 00:00:04,000\n大家好".encode(), "第 1 行须是 WEBVTT"),
        (b"WEBVTTX\n\n00:01.000 --> 00:02.000\nx", "第 1 行须是 WEBVTT"),
        ("WEBVTT\n\n大家好".encode(), "没有一条字幕"),
        (GOOD.encode("gb18030"), "不是 UTF-8"),
        ("WEBVTT\n\n00:00:01,000 --> 00:00:04,000\n大家好".encode(), "第 3 行的时间写法不对：00:00:01,000"),
        ("WEBVTT\n\n00:04.000 --> 00:01.000\n大家好".encode(), "第 3 行的结束时间不晚于开始时间"),
        (b"WEBVTT\n\n00:01.000 --> 00:04.000\n<script>alert(1)</script>", "第 4 行有不属于字幕的内容：<script>alert"),
        (b"WEBVTT\n\n00:01.000 --> 00:04.000\n<img src=x onerror=alert(1)>", "第 4 行有不属于字幕的内容"),
        (b"WEBVTT\n\n00:01.000 --> 00:04.000\nx\0y", "第 4 行有不属于字幕的内容"),
        (GOOD.encode() + b"x" * MOST_BYTES, "超过 1 MB"),
    ],
)
def test_what_is_none_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(CaptionsError, match=says):
        check_captions(content)
