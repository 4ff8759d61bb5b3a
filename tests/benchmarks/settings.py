"""The product's own settings as the demo and small trials use them; static files keep their plain names, since none are collected here."""

from config.settings.local import *

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = False
