"""A machine coder beside people: its codings of the units that people coded."""

import numpy as np
import polars as pl

from yuhu.coding.ratings import Ratings, scale_of
from yuhu.core.codebook import Variable
from yuhu.core.errors import YuhuError
from yuhu.study.machine import TEXT, read_machine
from yuhu.study.store import Study


class MachineRatings:
    """What a machine coder said of some units, read once.

    Parameters
    ----------
    study : Study
        The study.
    name : str
        The coder's name.
    units : pl.Series of str
        Ids of responses.

    Raises
    ------
    YuhuError
        YH501 this machine coded nothing; YH402 it coded with another codebook.
    """

    def __init__(self, study: Study, name: str, units: pl.Series) -> None:
        run = study.manifest.run_of(name.partition(".")[0])
        if run is None:
            raise YuhuError("YH501", f"{name} has coded nothing yet", fix=f"yuhu code {study.path} --with {name}")
        if run.codebook_hash != study.codebook().content_hash:
            raise YuhuError("YH402", "the codebook changed after the machine coded", fix=f"yuhu code {study.path} --with {name}")
        self.name = name
        self._served = frozenset(run.served)
        machine = read_machine(study, run)
        mine = study.scan("responses").filter(pl.col("response_id").is_in(units.unique().implode()))
        texts = machine.keyed(mine).select("response_id", *TEXT)
        self._said = texts.join(machine.codings.select(*TEXT, "code", "value"), on=TEXT).select("response_id", "code", "value").collect()
        self._abstained = texts.join(machine.abstained, on=TEXT, how="semi").select("response_id").collect()["response_id"]
        failed = (
            pl.LazyFrame(schema={"text_key": pl.Int64, "lang": pl.String, "code": pl.String}) if machine.failed is None else machine.failed
        )
        self._failed = texts.join(failed, on=TEXT).select("response_id", "code").collect()

    def beside(self, people: Ratings, variable: Variable) -> Ratings | None:
        """Ratings of people with one row more; None where the machine does not decide this, or where nothing means "not there"."""
        if variable.id not in self._served or variable.zero is None:
            return None
        _, numbers = scale_of(variable)
        mine = self._said.filter(pl.col("code") == variable.id).select("response_id", "value")
        joined = pl.DataFrame({"response_id": people.units}).join(mine, on="response_id", how="left", maintain_order="left")
        places = joined["value"].replace_strict(numbers, default=numbers[variable.zero], return_dtype=pl.Float64).to_numpy().copy()
        silent = pl.concat([self._abstained, self._failed.filter(pl.col("code") == variable.id)["response_id"]])
        places[people.units.is_in(silent.implode()).to_numpy()] = np.nan
        return Ratings(np.vstack([people.table, places]), [*people.coders, self.name], people.units, people.values, people.names)
