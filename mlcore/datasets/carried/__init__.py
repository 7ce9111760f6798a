"""The table that the project itself carries, so that it works without a network.

It is the Kepler DR25 table of 2017, reduced to the columns that a `Table` keeps; PROVENANCE.md
beside it says where it is from, and the mission's own file declares it.
"""
