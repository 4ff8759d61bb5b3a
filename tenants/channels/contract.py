"""Words of accounts kept elsewhere."""

from django.db import models


class AccountKind(models.TextChoices):
    """On what platform an account is kept."""

    WECHAT = "wechat", "微信公众号"
    WEIBO = "weibo", "微博"
    APP = "app", "移动客户端"
    MINI_PROGRAM = "mini_program", "小程序"
    DOUYIN = "douyin", "抖音号"
    KUAISHOU = "kuaishou", "快手号"
    VIDEO = "video", "视频号"
    OTHER = "other", "其他"


class AccountState(models.TextChoices):
    """Whether an account is kept."""

    ACTIVE = "active", "正常运行"
    CLOSED = "closed", "已关停"
