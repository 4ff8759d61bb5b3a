"""The accounts a government keeps elsewhere, and whether they are kept alive."""
