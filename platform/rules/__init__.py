"""Dated parameters: every number that a law or a rule sets."""
