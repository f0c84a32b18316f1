"""What the schemas of REFI-QDA 1.0 ask of the elements that we write: order, how often, attributes and their form. Retold from the standard."""

import re

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TYPES = {
    "guid": GUID,
    "text": re.compile(r".*", re.DOTALL),
    "bool": re.compile("true|false"),
    "colour": re.compile("#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})"),
    "integer": re.compile(r"-?\d+"),
    "time": re.compile(r"\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
    "variable": re.compile("Text|Boolean|Integer|Float|Date|DateTime"),
}
NAMED = {"guid!": "guid", "name": "text"}
MADE = {"creatingUser": "guid", "creationDateTime": "time", "modifyingUser": "guid", "modifiedDateTime": "time"}
REF = ({"targetGUID!": "guid"}, "")
SELECTION = "Description? Coding* NoteRef*"
VALUES = ("TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")

CODE = ({"guid!": "guid", "name!": "text", "isCodable!": "bool", "color": "colour"}, "Description? NoteRef* Code*")
SET = ({"guid!": "guid", "name!": "text"}, "Description? MemberCode* MemberSource* MemberNote*")
TEXT_SOURCE = (
    {**NAMED, **MADE, "richTextPath": "text", "plainTextPath": "text"},
    "Description? PlainTextContent? PlainTextSelection* Coding* NoteRef* VariableValue*",
)

PROJECT = {
    "Project": (
        {"name!": "text", "origin": "text", "creatingUserGUID": "guid", "creationDateTime": "time", "modifyingUserGUID": "guid", "modifiedDateTime": "time", "basePath": "text"},
        "Users? CodeBook? Variables? Cases? Sources? Notes? Links? Sets? Graphs? Description? NoteRef*",
    ),
    "Users": ({}, "User+"),
    "User": ({**NAMED, "id": "text"}, ""),
    "CodeBook": ({}, "Codes"),
    "Codes": ({}, "Code+"),
    "Code": CODE,
    "Variables": ({}, "Variable+"),
    "Variable": ({"guid!": "guid", "name!": "text", "typeOfVariable!": "variable"}, "Description?"),
    "Cases": ({}, "Case+"),
    "Case": (NAMED, "Description? CodeRef* VariableValue* SourceRef* SelectionRef*"),
    "VariableValue": ({}, "VariableRef (" + "|".join(VALUES) + ")?"),
    "Sources": ({}, "(TextSource|PictureSource|PDFSource|AudioSource|VideoSource)+"),
    "TextSource": TEXT_SOURCE,
    "Notes": ({}, "Note+"),
    "Note": TEXT_SOURCE,
    "PlainTextSelection": ({**NAMED, **MADE, "startPosition!": "integer", "endPosition!": "integer"}, SELECTION),
    "VideoSource": ({**NAMED, **MADE, "path": "text", "currentPath": "text"}, "Description? Transcript* VideoSelection* Coding* NoteRef* VariableValue*"),
    "VideoSelection": ({**NAMED, **MADE, "begin!": "integer", "end!": "integer"}, SELECTION),
    "Coding": ({"guid!": "guid", "creatingUser": "guid", "creationDateTime": "time"}, "CodeRef NoteRef*"),
    "Sets": ({}, "Set+"),
    "Set": SET,
    **dict.fromkeys(("CodeRef", "NoteRef", "SourceRef", "SelectionRef", "VariableRef", "MemberCode"), REF),
    **dict.fromkeys(("Description", "PlainTextContent", *VALUES), ({}, "")),
}  # fmt: skip
CODEBOOK = {
    "CodeBook": ({"origin": "text"}, "Codes Sets?"),
    "Codes": ({}, "Code+"),
    "Code": (CODE[0], "Description? Code*"),
    "Sets": ({}, "Set+"),
    "Set": (SET[0], "Description? MemberCode*"),
    "MemberCode": ({"guid!": "guid"}, ""),
    "Description": ({}, ""),
}
_SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"


def content(model):
    """A content model as a pattern over names, each followed by a space."""

    def group(found):
        return "(?:" + "|".join(f"{name} " for name in found.group().strip("()").split("|")) + ")"

    return re.compile("".join(re.sub(r"\([^)]*\)|\w+", group, part) for part in model.split(" ")))


def assert_valid(root, schema, namespace):
    """The tree has only elements of the schema, in their order and number, with the attributes that they need, in their form; identifiers are unique."""
    identifiers = []
    for element in root.iter():
        assert element.tag.startswith(f"{{{namespace}}}"), element.tag
        tag = element.tag.rpartition("}")[2]
        attributes, model = schema[tag]
        kinds = {name.rstrip("!"): kind for name, kind in attributes.items()}
        found = {name: text for name, text in element.attrib.items() if name != _SCHEMA_LOCATION}
        assert found.keys() <= kinds.keys(), (tag, found)
        assert {name[:-1] for name in attributes if name.endswith("!")} <= found.keys(), (tag, found)
        for name, text in found.items():
            assert TYPES[kinds[name]].fullmatch(text), (tag, name, text)
        below = "".join(child.tag.rpartition("}")[2] + " " for child in element)
        assert content(model).fullmatch(below) if model else not below, (tag, below)
        assert not (len(element) and (element.text or "").strip()), (tag, element.text)
        if tag != "MemberCode" and "guid" in found:
            identifiers.append(found["guid"])
    assert len(identifiers) == len(set(identifiers))
    targets = {element.get("targetGUID") or element.get("creatingUser") for element in root.iter()} - {None}
    assert targets <= set(identifiers)
