"""Lines of a width in cells, for Chinese and Latin text alike: between Han characters a line may end anywhere, but for punctuation."""

from rich.cells import cell_len, chop_cells, split_graphemes

_CLOSING = frozenset("，。、；：？！）」』”’》〉】…,.;:?!)]}")
_OPENING = frozenset("（「『“‘《〈【([{")


def wrapped(text: str, width: int) -> list[str]:
    """The text as lines of at most `width` cells; a line that goes on keeps the indent of its first line, behind a dash of two more.

    Notes
    -----
    O(characters).
    """
    return [line for paragraph in text.split("\n") for line in _paragraph(paragraph, width)]


def _paragraph(text: str, width: int) -> list[str]:
    bare = text.lstrip(" ")
    indent = min(len(text) - len(bare) + (2 if bare.startswith("- ") else 0), width // 2)
    lines: list[str] = []
    line = text[: len(text) - len(bare)][: width // 2]
    for piece in _pieces(bare):
        if line.strip() and cell_len(line) + cell_len(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = " " * indent
        room = width - cell_len(line)
        if cell_len(piece.rstrip()) <= room:
            line += piece
            continue
        first, *rest = chop_cells(piece, room)
        lines.append(line + first)
        chopped = chop_cells("".join(rest), width - indent)
        lines += [" " * indent + one for one in chopped[:-1]]
        line = " " * indent + chopped[-1]
    return [*lines, line.rstrip()]


def _pieces(text: str) -> list[str]:
    """What stays on one line: Latin words with the space behind them, single Han characters, each with its punctuation."""
    pieces: list[str] = []
    is_open = True  # whether the next character stays with the piece before
    for start, end, size in split_graphemes(text)[0]:
        one = text[start:end]
        narrow = size < 2
        joins = one == " " or one in _CLOSING or (pieces and pieces[-1][-1] in _OPENING) or (narrow and is_open)
        if pieces and joins and not (pieces[-1].endswith(" ") and one != " "):
            pieces[-1] += one
        else:
            pieces.append(one)
        is_open = narrow and one != " "
    return pieces
