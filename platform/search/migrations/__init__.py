"""Django's fixed shape."""
