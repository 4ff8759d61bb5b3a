"""The words of files people uploaded.

Nobody vouches for such a file, so it is opened in a child process that can neither take much nor write.
"""
