"""Light curves of many stars: what an upload or a folder holds, and what is measured of each."""
