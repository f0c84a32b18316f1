"""Per-coder files of BRIGHTER: one row for each text and emotion, one column for each coder, intensities 0 to 3."""

import polars as pl

KEYS = ("text_id", "text", "emotion")


def by_emotion(data, language):
    """Ratings (coders, texts) of each emotion, NaN where a coder did not code."""
    frame = pl.read_csv(data / "brighter" / f"{language}_individuals.csv", infer_schema_length=None)
    coders = [name for name in frame.columns if name not in KEYS]
    parts = frame.partition_by("emotion", as_dict=True, maintain_order=True)
    return {emotion: part.select(pl.col(coders).cast(pl.Float64)).to_numpy().T for (emotion,), part in parts.items()}
