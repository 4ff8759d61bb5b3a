"""Topic pages (专题): what all sites of a city say of one subject, gathered by tag."""
