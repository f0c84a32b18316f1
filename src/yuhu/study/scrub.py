"""The raw copy without people: ids of authors become keys, what else names a person goes, handles in texts are masked.

A record is walked whole. What an importer lists as author becomes the key that the author's responses carry; fields whose names stand for
people on any platform are removed; of objects that describe a person only counts and flags stay.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
import polars as pl

from yuhu.core.contracts import Personal, Raw
from yuhu.study.pseudonyms import KEY, SURE_ID, Pseudonyms
from yuhu.texts.hostile import as_text

VERSION = "scrub.v1"

_PERSON = frozenset(
    re.findall(
        r"\w+",
        "user users author authors owner commenter userinfo authorinfo commentuser ownerinfo creator uploader upinfo members userresults "
        "replytouser replyuser targetuser fromuser touser mentions mentionedusers usertags taggedusers coauthors collaborators poster sender",
    )
)
"""Objects that describe a person: only counts and flags of them stay."""

_NAMES = frozenset(
    re.findall(
        r"\w+",
        "nickname nick username userid uid midhash author authorname authorid authorurl authorthumbnail authorprofileimageurl authorchannelurl "
        "authorchannelid authordisplayname authorfull authorfullname authoravatar authoravatarurl authoruserid authornickname authorprofileurl authorthumbnailurl "
        "avatar avatars avatarurl avatarthumb avatarmedium avatarlarger avatarhd face secuid secuserid shortid shortuserid uniqueid useruniqueid signature usersignature sign "
        "bio profileurl profileimageurl profile screenname displayname fullname realname usersig usernickname userhash useruniquename creatorhash creatorid creatorname "
        "uploaderid uploaderurl uploadername channelurl channeltitle channelid channel gender sex birthday birth age phone mobile email mail "
        "useragent cookie cookies token accesstoken xsectoken xsecsource clientip ipaddress deviceid sourceplatformurl "
        "ownerid publisher publishername replytoname replytousername isreplytoname isreplytonames atusers atuserlist uname headurl headimg headimageurl "
        "headpic headicon portrait portraiturl toname fromname touid fromuid speakers participant annotator cooperatebinds clientipaddress "
        "subreplyentrytext sharedesc sharedescinfo sharelinkdesc sharequote sharesignaturedesc sharesignatureurl sharetitlemyself sharetitleother "
        "shareweibodesc shareurl",
    )
)
_WHOSE = (
    "author user owner uploader creator commenter sender poster member publisher streamer blogger speaker touser fromuser atuser targetuser "
    "targetauthor mentionuser mentioneduser retweetuser retweeteduser retweetedauthor quoteuser quoteduser quoteauthor quotedauthor replyuser "
    "replyauthor replieduser repliedauthor replytouser replytoauthor inreplytouser inreplytoauthor parentuser parentauthor rootuser rootauthor"
)
_NAME = "name names username userid useridstr screenname displayname fullname realname nickname nick uniqueid handle uid mid openid secuid secuserid"
_ABOUT = (
    "id ids idstr info url link uri home homeurl page profile profileurl profileimage profileimageurl googleplusprofileurl channelid channelurl "
    "avatar avatars avatarurl face faceurl head headurl icon iconurl image imageurl img photo photourl pic picurl picture thumb thumbnail "
    "thumbnailurl banner bannerurl sign signature bio desc description intro email mail phone mobile gender sex birthday age location city login account"
)
_LIKE_NAMES = re.compile(
    "(?:{whose})(?:{name}|{about})?|(?:reply|replyto|replied|inreplyto)(?:{name})".format(
        whose=_WHOSE.replace(" ", "|"), name=_NAME.replace(" ", "|"), about=_ABOUT.replace(" ", "|")
    )
)
"""Fields that say something of a person, as programs call them: ``owner_nickname``, ``in_reply_to_user_id_str``, ``quotedAuthor``."""

_CHINESE = re.compile(
    r"昵称|用户名|网名|姓名|真名|头像|签名|个人简介|主页|性别|生日|年龄|手机|电话|邮箱|微信号|qq号|身份证|住址"
    r"|^(?:用户|评论者|评论人|评论用户|作者|发布者|发送者|博主|up主|发帖人|账号|粉丝名)(?:名|名称|id|uid|编号|标识|链接|信息|资料)?$|被回复(?:者|人|用户)"
)
_BY_PLATFORM = {"bilibili": frozenset(("mid", "midstr")), "kuaishou": frozenset(("replyto",))}
"""Fields that stand for a person on one platform and for something else on others: ``mid`` is a post on Weibo."""

_GONE = frozenset(("atnametomid", "atnametomidstr"))
"""Objects whose very keys are names."""

_KEPT_OF_PERSONS = re.compile(r"count|follower|fans|verified|^is|level|digg|total|num", re.IGNORECASE)
TEXTS = {
    "responses": ("text",),
    "videos": ("title", "description"),
    "segments": ("text", "name"),
    "metrics": ("subject",),
    "links": ("node", "parent"),
}
"""Columns in which the tables hold words of files."""

_SHORTEST = 8
PERSON = "person"
"""What stands in the place of a name."""


@lru_cache(maxsize=1 << 16)
def _named(field: str) -> str:
    return field.lower().replace("_", "").replace("-", "").replace("$", "")


@lru_cache(maxsize=1 << 16)
def _is_person(field: str) -> bool:
    return _named(field) in _PERSON


@lru_cache(maxsize=1 << 16)
def is_name(field: str, platform: str = "") -> bool:
    """Whether a field names a person or says something of one, by its name: such fields are kept out of the raw copy."""
    name = _named(field)
    return name in _NAMES or name in _BY_PLATFORM.get(platform, ()) or bool(_LIKE_NAMES.fullmatch(name) or _CHINESE.search(name))


@lru_cache(maxsize=1 << 16)
def _stays(field: str) -> bool:
    return bool(_KEPT_OF_PERSONS.search(field))


class Scrubber:
    """Makes records fit to be kept.

    Parameters
    ----------
    pseudonyms : Pseudonyms
        The study's key maker.
    personal : Personal
        Where people stand in the importer's records.
    platform : str
        The platform under which authors have their keys.
    """

    def __init__(self, pseudonyms: Pseudonyms, personal: Personal, platform: str) -> None:
        self._pseudonyms = pseudonyms
        self._platform = platform
        self._personal = personal
        self._paths: dict[str, Any] = {}
        for path, leaf in (*((path, KEY) for path in personal.author), *((path, None) for path in personal.drop)):
            node = self._paths
            *above, last = path.split(".")
            for name in above:
                node = node.setdefault(name, {})
            node[last] = leaf

    def texts(self, raw: Raw, held: Sequence[pl.Series] = ()) -> list[str] | pl.Series:
        """Each record as one line of JSON without people.

        Parameters
        ----------
        raw : Raw
            The records.
        held : sequence of pl.Series of str
            Texts that the study's tables hold of them. A name that is spoken in one of these stays in the records, too: else mapping them again
            would give other texts.
        """
        if isinstance(raw.records, pl.DataFrame):
            return self._frame(raw.records, held)
        records = [self._record(record) for record in raw.records]
        said = spoken({person for _, _, again in records for person in again}, held)
        return [_finished(text, kept, {who: key for who, key in again.items() if who not in said}) for text, kept, again in records]

    def _record(self, record: Mapping[str, Any]) -> tuple[str, Any, dict[str, str]]:
        """The record as JSON and, where people still stand in it, as a value, with what is to stand in their place."""
        found: dict[str, str] = {}
        try:
            kept = self._walked(record, self._paths, False, found)
        except RecursionError:
            return _TOO_DEEP, None, {}
        text = dumped(kept)
        again = {person: key for person, key in found.items() if len(person) >= _SHORTEST and person in text}
        return text, kept if again else None, again

    def _walked(self, value: Any, node: Any, is_person: bool, found: dict[str, str]) -> Any:
        if isinstance(value, str):
            return self._pseudonyms.mask(value)
        if isinstance(value, Mapping):
            return self._object(value, node if isinstance(node, dict) else {}, is_person, found)
        if isinstance(value, list | tuple):
            return [self._walked(one, node, is_person, found) for one in value if self._may_stay(one, is_person, found)]
        return value

    def _may_stay(self, one: Any, is_person: bool, found: dict[str, str]) -> bool:
        """Whether an item of a list may stay: of a person no name, address or id."""
        if is_person and not isinstance(one, Mapping | list | tuple):
            self._remember(one, found)
            return False
        return True

    def _object(self, value: Mapping[str, Any], node: dict[str, Any], is_person: bool, found: dict[str, str]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for field, inner in value.items():
            name = str(field)
            leaf = node.get(name, "")
            nested = isinstance(inner, Mapping | list | tuple)
            if leaf is None or (nested and _named(name) in _GONE):
                continue
            if leaf == KEY and not isinstance(inner, Mapping):
                kept[name] = [self._key(one, found) for one in inner] if nested else self._key(inner, found)
            elif nested:
                person = is_person or _is_person(name) or (self._is_name(name) and leaf == "")
                kept[name] = self._walked(inner, leaf, person, found)
            elif _is_person(name) or self._is_name(name):
                self._remember(inner, found)
            elif not is_person or (_stays(name) and not isinstance(inner, str)):
                kept[self._pseudonyms.mask(name)] = self._walked(inner, leaf, is_person, found)
            else:
                self._remember(inner, found)
        return kept

    def _key(self, person: Any, found: dict[str, str]) -> str | None:
        text = as_text(person)
        if text is None:
            return None
        key = text if text.startswith(KEY) else KEY + self._pseudonyms.keys(self._platform, [text])[0]
        found[text] = key
        return key

    def _remember(self, name: Any, found: dict[str, str]) -> None:
        """A value that goes: where it stands elsewhere in the record it is masked, too."""
        text = as_text(name)
        if text is not None and _SHORTEST <= len(text) <= 200 and not text.startswith("http"):
            found.setdefault(text, PERSON)

    def _is_name(self, field: str) -> bool:
        return is_name(field, self._platform)

    def _frame(self, frame: pl.DataFrame, held: Sequence[pl.Series]) -> pl.Series:
        authors = [name for name in self._personal.author if name in frame.columns]
        dropped = [
            name
            for name in frame.columns
            if name not in authors and (name in self._personal.drop or self._is_name(name) or _is_person(name))
        ]
        keys = {name: self._keys(frame[name]) for name in authors}
        rest = [name for name in frame.columns if name not in authors and name not in dropped]
        masked = {name: self._pseudonyms.mask_column(frame[name]) if frame.schema[name] == pl.String else frame[name] for name in rest}
        kept = pl.DataFrame({name: keys.get(name, masked.get(name)) for name in frame.columns if name not in dropped})
        if not kept.width:
            return pl.repeat("{}", frame.height, dtype=pl.String, eager=True)
        texts = kept.select(pl.struct(pl.all()).struct.json_encode()).to_series()
        return self._without_ids(texts, frame, [*authors, *dropped], keys, held)

    def _without_ids(
        self, texts: pl.Series, frame: pl.DataFrame, people: Sequence[str], keys: Mapping[str, pl.Series], held: Sequence[pl.Series]
    ) -> pl.Series:
        """Ids that stand in other fields of their own record (links, for example) go there, too."""
        for name in people:
            persons = frame[name].cast(pl.String)
            person = pl.col("person")
            is_long = (person.str.len_bytes() >= _SHORTEST) & ~person.str.starts_with(KEY) & ~person.str.starts_with("http")
            rows = pl.DataFrame({"text": texts, "person": persons}).with_row_index("at").filter(is_long)
            places = rows.filter(pl.col("text").str.contains(person, literal=True))["at"]
            if not len(places):
                continue
            said = spoken(set(persons.gather(places)), held)
            changed = []
            for at in places:
                who = {} if persons[at] in said else {persons[at]: str(keys[name][at] if name in keys else PERSON)}
                changed.append(_finished(texts[at], orjson.loads(texts[at]), who))
            texts = texts.scatter(places, changed)
        return texts

    def _keys(self, people: pl.Series) -> pl.Series:
        rows = pl.DataFrame({"person": people.cast(pl.String)})
        is_key = pl.col("person").str.starts_with(KEY)
        fresh = rows.select(pl.when(~is_key & (pl.col("person") != "")).then("person")).to_series()
        keys = KEY + self._pseudonyms.key_column(self._platform, fresh)
        return rows.select(pl.coalesce(keys, pl.when(is_key).then("person"))).to_series()


def spoken(people: set[str], texts: Sequence[pl.Series]) -> set[str]:
    """Which names stand in some texts; ids that are unmistakable never do, since the study's door takes them out of texts."""
    names = sorted(who for who in people if not SURE_ID.fullmatch(who))
    found: set[str] = set()
    for series in texts if names else ():
        found.update(series.drop_nulls().str.extract_many(names, overlapping=True).explode().drop_nulls())
    return found


def _finished(text: str, kept: Any, people: Mapping[str, str]) -> str:
    """A record as JSON, in which some people stand nowhere any more."""
    if not people:
        return text
    try:
        return dumped(_without(kept, people, _any_of(people)))
    except RecursionError:
        return _TOO_DEEP


def _any_of(people: Mapping[str, str]) -> re.Pattern[str]:
    longest_first = sorted(people, key=len, reverse=True)
    return re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(map(re.escape, longest_first))})(?![0-9A-Za-z])")


def _without(value: Any, people: Mapping[str, str], any_of: re.Pattern[str]) -> Any:
    """A value in which ids of people stand nowhere: not inside texts, not as numbers, not as names of fields."""
    if isinstance(value, str):
        return any_of.sub(lambda found: people[found.group()], value)
    if isinstance(value, dict):
        return {_without(name, people, any_of): _without(inner, people, any_of) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, people, any_of) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return people.get(str(value), value)
    return value


def dumped(value: Any) -> str:
    """A record as one line of JSON."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, orjson.JSONEncodeError):
        import json

        return json.dumps(value, ensure_ascii=True, default=str)


_TOO_DEEP = dumped({"record": "nested too deeply to be kept"})
