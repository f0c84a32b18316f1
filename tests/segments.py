"""Danmaku segments written with Google's protobuf, independently of the reader: new and old layout, phones and TV."""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_F = descriptor_pb2.FieldDescriptorProto
_I32, _I64, _U64, _BYTES = _F.TYPE_INT32, _F.TYPE_INT64, _F.TYPE_UINT64, _F.TYPE_BYTES

_COMMON = [
    ("id", 1, _U64),
    ("progress", 2, _I32),
    ("mode", 3, _I32),
    ("fontsize", 4, _I32),
    ("color", 5, _F.TYPE_UINT32),
    ("mid_hash", 6, _BYTES),
    ("content", 7, _BYTES),
    ("ctime", 8, _I64),
]
_NEW = [
    *_COMMON,
    ("weight", 9, _I32),
    ("action", 10, _BYTES),
    ("pool", 11, _I32),
    ("id_str", 12, _BYTES),
    ("attr", 13, _I32),
    ("likes", 15, _F.TYPE_UINT32),
    ("animation", 22, _BYTES),
    ("extra", 23, _BYTES),
    ("colorful", 24, _I32),
    ("oid", 26, _I64),
    ("far", 4000, _BYTES),
    ("fixed", 30, _F.TYPE_FIXED32),
    ("double", 31, _F.TYPE_DOUBLE),
]
_OLD = [*_COMMON, ("action", 9, _BYTES), ("pool", 10, _I32), ("id_str", 11, _BYTES)]


def _reply(name, fields, elems, state):
    file = descriptor_pb2.FileDescriptorProto(name=f"{name}.proto", package=name, syntax="proto3")
    elem = file.message_type.add(name="Elem")
    for field, number, kind in fields:
        elem.field.add(name=field, number=number, type=kind, label=_F.LABEL_OPTIONAL)
    reply = file.message_type.add(name="Reply")
    reply.field.add(name="elems", number=elems, type=_F.TYPE_MESSAGE, label=_F.LABEL_REPEATED, type_name=f".{name}.Elem")
    reply.field.add(name="state", number=state, type=_I32, label=_F.LABEL_OPTIONAL)
    reply.field.add(name="context_src", number=6, type=_BYTES, label=_F.LABEL_OPTIONAL)
    reply.field.add(name="rules", number=4, type=_I64, label=_F.LABEL_REPEATED)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{name}.Reply"))


NEW, OLD, OTT = _reply("new", _NEW, 1, 2), _reply("old", _OLD, 1, 2), _reply("ott", _NEW, 2, 1)


def segment(rows, layout=NEW, **reply):
    """A segment of rows, each a dict of fields; texts may be str or bytes."""
    made = layout(**reply)
    for row in rows:
        made.elems.add(**{name: value.encode() if isinstance(value, str) else value for name, value in row.items()})
    return made.SerializeToString()
