"""Lists of words that all sites share and editors choose from: topics."""
