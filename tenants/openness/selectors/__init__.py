"""Reads: how far columns and entries are, and what the platform's columns show."""
