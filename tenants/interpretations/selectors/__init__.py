"""Reads for staff: meters by organ and year, clocks of issues, documents that wait for their interpretation."""
