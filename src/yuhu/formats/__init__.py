"""Pure readers and writers of file formats: bytes or lines in, plain values out. They know no study, no importer and no network."""
