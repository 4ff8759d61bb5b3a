"""Home, columns, articles and official documents of a site."""
