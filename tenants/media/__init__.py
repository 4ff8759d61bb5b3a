"""A site's pictures and files."""
