"""Organs of a site and their power lists."""
