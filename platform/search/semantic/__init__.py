"""Questions by meaning: a small model, an index of passages, the best texts put in a better order. Off unless installed and set."""
