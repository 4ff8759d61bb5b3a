"""What is suggested while somebody types: an index of beginnings in PostgreSQL, every answer checked against the projection."""
