"""Consultations of the public on drafts, the opinions people send, and what became of them."""
