"""The steps of every verb: small pieces of work, each inside a transaction, each with its way back."""
