"""Long work in the background, each job with the site it is for."""
