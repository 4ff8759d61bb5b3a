"""Words of pictures and files."""

CAPTIONS = "vtt"  # the kind of file that holds a film's captions
