"""The writing side: feeding the index, building a new one, comparing it with the projection."""
