"""The workbench: a local server for one study, and the built front end."""
