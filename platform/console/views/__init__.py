"""Views: who may enter is said beside each, with `officers(…)`; a test walks them all."""
