"""Studies with a known truth: source files in real formats, and what each message in them expresses."""
