"""Options of machine coders: texts that people set, checked before anything is coded."""

from collections.abc import Mapping, Sequence

from yuhu.core.errors import YuhuError


def no_more_options(options: Mapping[str, str], coder: str, known: Sequence[str]) -> None:
    """Check that a coder knows all of its options.

    Raises
    ------
    YuhuError
        YH508 it does not.
    """
    for name in options:
        if name not in known:
            raise YuhuError(
                "YH508",
                f"{coder} has no option `{name}`",
                facts={"known": ", ".join(known) or "none"},
                fix=f"--set {known[0]}=..." if known else f"leave out --set {name}",
            )


def number(options: Mapping[str, str], name: str, default: float, *, least: float, most: float) -> float:
    """An option that is a number.

    Raises
    ------
    YuhuError
        YH508 it is none, or lies outside its range.
    """
    text = options.get(name)
    if text is None:
        return default
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not least <= found <= most:
        raise YuhuError(
            "YH508",
            f"option `{name}` is out of range",
            facts={"found": text, "expected": f"a number from {least:g} to {most:g}"},
            fix=f"--set {name}={default:g}",
        )
    return found


def whole(options: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    """An option that is a whole number.

    Raises
    ------
    YuhuError
        YH508 it is none, or lies outside its range.
    """
    found = number(options, name, default, least=least, most=most)
    if found != int(found):
        raise YuhuError("YH508", f"option `{name}` is no whole number", facts={"found": options[name]}, fix=f"--set {name}={default}")
    return int(found)


def flag(options: Mapping[str, str], name: str, default: bool) -> bool:
    """An option that is yes or no.

    Raises
    ------
    YuhuError
        YH508 it is neither.
    """
    text = options.get(name)
    if text is None:
        return default
    if text.lower() not in {"yes", "no", "true", "false", "1", "0"}:
        raise YuhuError("YH508", f"option `{name}` is neither yes nor no", facts={"found": text}, fix=f"--set {name}=yes")
    return text.lower() in {"yes", "true", "1"}
