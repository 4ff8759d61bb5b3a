"""Blueprints: readable, versioned files that say what a kind of site begins with."""
