"""Yuhu: evidence from short videos and their audiences."""
