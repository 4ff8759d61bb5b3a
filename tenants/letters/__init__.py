"""Letters of citizens: written, handled, answered, and the answers that others may read."""
