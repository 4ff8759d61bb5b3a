"""Opening many sites from a table: read and checked as a whole first, then opened by several processes."""
