"""What explains official documents, and what answers public opinion, in each site's schema."""
