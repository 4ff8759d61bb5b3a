"""Catalogues from files: whole editions in our own columns, and single fields in the standard's own table."""

from catalogues.importing.editions import read, read_rows, too_long, written
from catalogues.importing.fields import read_field

__all__ = ["read", "read_field", "read_rows", "too_long", "written"]
