"""The verbs of city operations: open a city, open a site; journaled, resumable."""
