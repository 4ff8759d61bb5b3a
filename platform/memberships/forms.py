"""The one form: signing on."""

from typing import Any

from django import forms
from django.http import HttpRequest
from typing_extensions import override

from accounts.models import User
from memberships.services import SignInLockedError, check_credentials

WRONG = "用户名或密码不正确，请重新输入。"
LOCKED = "登录失败次数过多，为保护账号已暂停登录，请15分钟后再试。如忘记密码，请联系管理员。"


class SignInForm(forms.Form):
    """Name and password; valid when they are those of an active person, who is then in `person`."""

    username = forms.CharField(label="用户名", max_length=150, error_messages={"required": "请输入用户名。", "max_length": "用户名太长。"})
    password = forms.CharField(
        label="密码",
        max_length=256,  # longer ones only cost time to check
        strip=False,
        widget=forms.PasswordInput,
        error_messages={"required": "请输入密码。", "max_length": "密码太长。"},
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request
        self.person: User | None = None
        self.is_locked = False

    @override
    def clean(self) -> dict[str, Any]:
        """Check them, unless one is missing."""
        values = super().clean() or self.cleaned_data
        if "username" in values and "password" in values:
            try:
                self.person = check_credentials(self._request, username=values["username"], password=values["password"])
            except SignInLockedError:
                self.is_locked = True
                raise forms.ValidationError(LOCKED) from None
            if self.person is None:
                raise forms.ValidationError(WRONG)
        return values
