"""What readers call: the page, its feed, the API, suggestions while typing, the word that a result was opened, what readers say of it."""
