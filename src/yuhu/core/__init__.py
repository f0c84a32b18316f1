"""Nouns, schema, contracts, errors, time and randomness: what every room stands on."""
