"""What is searched and clicked: masked, recorded after the answer, counted, reported, and forgotten in time."""
