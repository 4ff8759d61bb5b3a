"""Types for tests that make themes of their own."""

from collections.abc import Callable
from pathlib import Path

from theming.catalogue import Catalogue

MakeTheme = Callable[..., Path]
UseCatalogue = Callable[[Path], Catalogue]
