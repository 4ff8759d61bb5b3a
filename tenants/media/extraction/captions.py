"""Whether a file of captions is one that browsers show: WebVTT in UTF-8 that loads at once, with words and times and nothing else."""

import re

MOST_BYTES = 1024 * 1024  # some thirty hours of talk
_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_CUE = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?")
_FOREIGN = re.compile(r"<(?!/?(?:c|i|b|u|ruby|rt|v|lang)[ .\t>]|\d)", re.ASCII)


class CaptionsError(ValueError):
    """A file of captions that browsers would not show; the message tells an editor why and what to do."""


def check_captions(content: bytes) -> int:
    """Return how many captions a file holds.

    Raises:
        CaptionsError: it is none, too large, empty, or holds what is no caption; the line is named.

    """
    if len(content) > MOST_BYTES:
        raise CaptionsError(f"字幕文件超过 {MOST_BYTES // 1024 // 1024} MB，请只保留字幕文字。")
    try:
        lines = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise CaptionsError("字幕文件不是 UTF-8 编码，请另存为 UTF-8 后再上传。") from error
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise CaptionsError("字幕文件第 1 行须是 WEBVTT。其他格式（如 srt）请先转换为 WebVTT（.vtt）。")
    count = sum(_is_cue(line, number) for number, line in enumerate(lines[1:], start=2))
    if not count:
        raise CaptionsError("字幕文件里没有一条字幕。每条字幕先写时间，例：00:00:01.000 --> 00:00:04.000，下一行写文字。")
    return count


def _is_cue(line: str, number: int) -> bool:
    """Whether a line begins a caption; others must hold nothing but words."""
    if "\0" in line or _FOREIGN.search(line):
        raise CaptionsError(f"字幕文件第 {number} 行有不属于字幕的内容：{line.strip()[:40]}。请删去，只保留文字。")
    if "-->" not in line:
        return False
    found = _CUE.fullmatch(line.strip())
    if found is None:
        raise CaptionsError(f"字幕文件第 {number} 行的时间写法不对：{line.strip()[:60]}。例：00:00:01.000 --> 00:00:04.000。")
    parts = [int(part or 0) for part in found.groups()]
    if parts[:4] >= parts[4:]:
        raise CaptionsError(f"字幕文件第 {number} 行的结束时间不晚于开始时间：{line.strip()[:60]}。")
    return True
