"""The screens: all over rows of one owner, who is worked out from the host."""
