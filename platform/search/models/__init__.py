"""The room's tables, all in `public`: what can be found, what editors decided, what was searched, what is suggested."""

from search.models.curation import *  # noqa: F403 - the package is one module to everybody else
from search.models.measurement import *  # noqa: F403 - as above
from search.models.projection import *  # noqa: F403 - as above
from search.models.suggestions import *  # noqa: F403 - as above
