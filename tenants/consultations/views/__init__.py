"""What readers send, and what staff see of it."""
