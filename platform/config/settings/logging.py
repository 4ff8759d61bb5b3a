"""Structured logs to standard error, one line an event, with tenant and request id."""

from config import env
from observability.logs import logging_config

LOGGING = logging_config(level=env.log_level(), style=env.log_format())
