"""The operations console on the platform's host."""
