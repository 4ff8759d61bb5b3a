"""Which sites there are, where each lives, and which of them a request belongs to."""
