"""Addresses of theming; included at the root of every URLconf (`path("", include("theming.urls"))`)."""

from django.urls import path

from theming import views
from theming.contract import TOKENS_PATH

app_name = "theming"
urlpatterns = [path(f"{TOKENS_PATH}<slug:name>.<slug:digest>.css", views.tokens_css, name="tokens")]
