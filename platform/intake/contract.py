"""Words of what people hand in, what they are given for it, and each way to be refused."""

from dataclasses import dataclass

from django.db import models

TOKEN_HOURS = 24  # how long a form that was opened may be sent


class Purpose(models.TextChoices):
    """What is handed in."""

    LETTER = "letter", "来信"
    COMMENT = "comment", "意见"


@dataclass(frozen=True, slots=True)
class Issued:
    """A number with its code; not `is_new` where the same form, or the same order, was handed in before."""

    number: str
    code: str
    is_new: bool


class IntakeError(ValueError):
    """A form that is not taken as it is; the message is for the person who sent it, in Chinese."""


class StaleFormError(IntakeError):
    """The form is not one of ours, or was opened too long ago."""

    def __init__(self) -> None:
        super().__init__("页面打开得太久，没有提交成功。您填写的内容都在，请再提交一次。")


class HastyFormError(IntakeError):
    """The form came back sooner than anybody can fill it in."""

    def __init__(self) -> None:
        super().__init__("提交得太快，没有保存。您填写的内容都在，请稍等几秒再提交一次。")


class TooManyError(IntakeError):
    """One address handed in too much within an hour."""

    def __init__(self, message: str = "您所在的网络一小时内提交得太多，没有保存。您填写的内容都在，请稍后再提交。") -> None:
        super().__init__(message)


class TooManyOfPhoneError(TooManyError):
    """Too much within a day names the same telephone, whoever sent it."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"填写的电话号码一天内已提交 {most} 件，这一件没有保存。您填写的内容都在，"
            "请明天再提交，或者把联系方式改为电子邮箱；急事请拨打 12345。"
        )
