"""What readers call to write and to ask, and the screens of the editor."""
