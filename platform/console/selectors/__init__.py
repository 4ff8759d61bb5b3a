"""Reads: what the console's pages and commands show."""
