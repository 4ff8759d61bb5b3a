"""Forms: what people type, turned into the requests of the verbs behind it."""
