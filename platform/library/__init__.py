"""What spans the documents of several sites: their relations, campaigns of cleaning, and the list over a whole city."""
