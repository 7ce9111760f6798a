"""Predictions in astronomy's own formats, written from a described Parquet file of any length."""
