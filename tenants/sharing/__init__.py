"""Sends texts to other sites of the city and takes theirs."""
