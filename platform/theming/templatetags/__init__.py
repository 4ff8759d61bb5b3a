"""Template tags of the themes."""
