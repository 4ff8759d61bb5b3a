"""Upgrading hundreds of schemas at once: which version each has, what each lacks, replay, waves, drift."""
