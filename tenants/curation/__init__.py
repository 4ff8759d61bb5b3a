"""The editor's screens of search: rules, their versions, what is searched for, and why a page is where it is."""
