"""Working days, from a versioned table that refuses years it does not cover."""
