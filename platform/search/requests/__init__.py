"""From a request's parameters to a checked question; every parameter that cannot be right is named, and has a sane value instead."""
