"""A study on disk: immutable Parquet partitions under a manifest, one SQLite file of human codings, settings in YAML."""
