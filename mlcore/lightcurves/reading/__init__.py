"""Light curves from files: of MAST, of other archives, and of people's own making."""
