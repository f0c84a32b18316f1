"""Charts, declared once in Altair for the report and the workbench, drawn to SVG without a browser or a network."""
