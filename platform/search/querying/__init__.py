"""The reading side: what is asked of the engine and how its answer is read; pure, tested without a server."""
