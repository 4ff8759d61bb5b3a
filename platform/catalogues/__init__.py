"""What must be published, as versioned data: the statutory tree, and the standard catalogue of the 26 fields."""
