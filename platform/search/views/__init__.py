"""What readers call: the page and the API, suggestions while typing, the word that a result was opened."""

from search.views.clicks import *  # noqa: F403 - the package is one module to everybody else
from search.views.pages import *  # noqa: F403 - as above
from search.views.suggestions import *  # noqa: F403 - as above
