"""What readers call beside pages, and the editor's screens of cleaning."""
