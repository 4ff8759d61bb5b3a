"""Names every part of the system; imported by no other room."""
