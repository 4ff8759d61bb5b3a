"""What may be somebody's number or address is replaced before a query is kept; pure."""

import re
import unicodedata

NUMBER, MAIL = "［号码］", "［邮箱］"
_SHORTEST = 7  # digits: a telephone number without its area
_BETWEEN = r"[\s\-－—–_.,·•、，()（）/\\*:：|]{0,3}"  # what people write between the digits of one number
_MAIL = re.compile(r"[\w.+%-]{1,64}\s?[@＠]\s?[\w-]+(?:\s?[.。]\s?[\w-]+)*", re.IGNORECASE)
_DIGITS = re.compile(rf"[+＋]?[(（]?\d(?:{_BETWEEN}\d){{{_SHORTEST - 1},}}(?:{_BETWEEN}[xX](?![a-zA-Z]))?")
_SPELT_DIGIT = "[〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖\\d]"
_SPELT = re.compile(rf"{_SPELT_DIGIT}(?:[\s\-]?{_SPELT_DIGIT}){{10,}}")
_DATE = re.compile(r"(?:19|20)\d\d[-./]?(?:0?[1-9]|1[0-2])[-./]?(?:0?[1-9]|[12]\d|3[01])")
_LETTERED = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9]*\d{6})(?=[0-9]*[A-Za-z])[A-Za-z]{0,3}\d[A-Za-z0-9]{6,24}(?![A-Za-z0-9])")


def mask(query: str) -> str:
    """Return the query without numbers that look like those of cards, telephones and accounts, and without e-mail addresses."""
    text = unicodedata.normalize("NFKC", query)
    text = "".join(_plain_digit(char) for char in text if unicodedata.category(char) != "Cf")
    text = _MAIL.sub(MAIL, text)
    text = _LETTERED.sub(NUMBER, text)
    text = _DIGITS.sub(lambda match: match[0] if _DATE.fullmatch(match[0].strip()) else NUMBER, text)
    return _SPELT.sub(NUMBER, text)


def mask_text(text: str) -> str:
    """Return a text without such numbers and addresses; its punctuation and its lines stay as they were written."""
    plain = "".join(_plain_sign(char) for char in text if unicodedata.category(char) != "Cf")
    plain = _LETTERED.sub(NUMBER, _MAIL.sub(MAIL, plain))
    plain = _DIGITS.sub(lambda match: match[0] if _DATE.fullmatch(match[0].strip()) else NUMBER, plain)
    return _SPELT.sub(NUMBER, plain)


def is_masked(text: str) -> bool:
    """Whether something was replaced in it."""
    return NUMBER in text or MAIL in text


def _plain_sign(char: str) -> str:
    """Return digits, Latin letters and the sign of mail as plain ones, all else as it is."""
    folded = unicodedata.normalize("NFKC", char)
    return _plain_digit(folded if len(folded) == 1 and folded.isascii() and (folded.isalnum() or folded == "@") else char)


def _plain_digit(char: str) -> str:
    """Return digits of other scripts as plain ones; a number is a number in any of them."""
    return str(unicodedata.decimal(char)) if unicodedata.category(char) == "Nd" else char
