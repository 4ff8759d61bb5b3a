"""What editors decide about searches: rules, the versions readers follow, and how both are changed."""
