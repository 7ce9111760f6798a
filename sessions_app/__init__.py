"""Sessions, files and jobs: the product around mlcore."""
