"""One search over all sites: the only room that speaks Elasticsearch."""
