"""Independent calls on the workers of a Dask cluster, where one is named and can be reached.

The only way to it is `mlcore.parallel.run_all`, whose result is the same to the bit with workers
and without them.
"""
