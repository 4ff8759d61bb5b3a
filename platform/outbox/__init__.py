"""Events: what changed, written in the transaction that changed it, and the relay that carries it on."""
