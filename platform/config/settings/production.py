"""Production: the base of all settings. A missing secret stops start-up with its name."""

from config import env
from config.settings.apps import *
from config.settings.cms import *
from config.settings.database import *
from config.settings.jobs import *
from config.settings.logging import *
from config.settings.search import *
from config.settings.security import *
from config.settings.serving import *

DEBUG = False
SECRET_KEY = env.secret_key()
