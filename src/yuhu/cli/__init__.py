"""The command line: parse arguments, call one verb, show progress."""
