"""Reads: how consultations stand with their clocks, the figures of a year, the opinions of one."""
