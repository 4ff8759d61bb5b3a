"""Texts that travel between the sites of a city: what was sent to whom, what became of it, what is announced everywhere at once."""
