"""Chinese text made comparable, in Python, the same way for documents and for queries; pure functions."""
