"""What gunicorn serves in tests: the product, with static files straight from their folders and the port that readers type."""

import logging
import os

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
settings.PUBLIC_PORT = int(os.environ["SERVER_PORT"])
settings.WAGTAILADMIN_BASE_URL = f"http://{settings.PLATFORM_HOST}:{settings.PUBLIC_PORT}"

from config.wsgi import application as product  # noqa: E402 - the settings above come first

application = StaticFilesHandler(product)
for name in ("", "django"):  # test settings are silent; a server's faults belong into its log
    logging.getLogger(name).setLevel(logging.WARNING)
