"""Rows of text from and to the files of office programs."""
