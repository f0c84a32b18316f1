"""What collectors call their columns, in Chinese and English, and which columns name people."""

import re
import unicodedata
from functools import cache

NAMES: dict[str, str] = {
    "text": "text 评论内容 弹幕内容 回复内容 留言内容 微博正文 微博内容 帖子内容 博文内容 发言内容 评论正文 评论文本 文本内容 正文 内容 弹幕 评论 留言 文本 博文 消息"
    " commenttext commentcontent commentbody textoriginal textdisplay fulltext replycontent replytext posttext postcontent"
    " content comment body message msg danmaku danmu barrage tweet tweettext remark words",
    "id": "id 评论id 弹幕id 回复id 评论编号 弹幕编号 微博id 帖子id 编号 commentid cid rpid danmakuid dmid tweetid statusid weiboid replycommentid idstr nativeid",
    "author": "author 用户id 用户编号 用户uid uid 评论者id 评论人id 作者id 发布者id 用户标识 用户哈希 发送者id 会员id userid authorid authoruserid authorchannelid channelid"
    " commenterid senderid userhash midhash creatorhash useridstr mid memberid accountid openid secuid",
    "author name": "用户名 用户名称 用户昵称 昵称 网名 用户 评论者 评论人 评论用户 作者 发布者 发送者 博主 发帖人 账号 username nickname nick screenname user usernickname"
    " authorname authordisplayname authornickname commenter sender poster displayname uname uniqueid account",
    "sent_at": "sentat 评论时间 发布时间 发布 发表 发送时间 发表时间 创建时间 回复时间 弹幕发送时间 发布日期 评论日期 发表日期 创建日期 日期时间 时间戳 日期 时间 unixtimestamp createdat createtime ctime"
    " createdtime createdutc publishedat publishtime publishedtime pubtime pubts pubdate postedat posttime commenttime commentedat senttime sendtime realtime timestamp date datetime time"
    " createdatetime createdate publishdate postdate commentdate ts",
    "media": "弹幕时间 出现时间 弹幕出现时间 视频时间 视频内时间 视频时间点 时间点 时间轴 播放时间 播放位置 出现位置 视频位置 弹幕位置 秒数 videotime progress playbacktime playtime"
    " position offset timecode stime dmtime videotimestamp videosecond seconds second mediatime at elapsed 位置 进度 时间 time timestamp",
    "likes": "likes 点赞数 点赞量 点赞 赞数 获赞数 获赞 赞 喜欢数 喜欢 点赞次数 评论点赞数 like likecount likescount likenum numlikes diggcount digg likedcount commentlikecount upvotes"
    " voteupcount thumbsup thumbupcount attitudescount favoritecount favouritecount score praise praisecount",
    "region": "region ip属地 ip归属地 ip所在地 归属地 属地 ip地区 ip位置 地区 省份 省市 地域 所在地 iplocation iplabel ipregion ipregionname location province area",
    "parent": "parent 父评论id 上级评论id 回复的评论id 被回复评论id 被回复id 父级id 父id 父评论 parentid parentcommentid replytoid replytocommentid inreplytostatusid inreplyto replyto replyid"
    " repliedtoid targetcommentid",
    "root": "root 根评论id 根id 主评论id 一级评论id 楼层id 主楼id rootid rootcommentid threadid conversationid topcommentid",
    "lang": "lang 语言 语种 language languageguess commentlanguage langcode",
    "video": "video 视频id 视频编号 视频bv号 bv号 bv 作品id av号 抖音视频id 笔记id 内容id videoid bvid awemeid vid aid oid noteid itemid photoid workid avid mediaid contentid episodeid postid",
    "platform": "platform 平台 来源平台 平台名称 发布平台 platformname sourceplatform",
    "kind": "kind 类型 评论类型 消息类型 互动类型 type commenttype level 评论层级 层级",
    "actor": "actor",
    "title": "title 标题 视频标题 作品标题 视频名称 视频名 作品名称 题目 片名 videotitle name videoname",
    "description": "description 简介 视频简介 描述 视频描述 文案 作品描述 视频文案 desc videodescription caption intro summary",
    "duration": "duration 时长 视频时长 视频长度 播放时长 片长 durations durationsec durationseconds durationms videoduration length lengthseconds videolength",
    "published_at": "publishedat 发布时间 发布日期 投稿时间 上传时间 上传日期 上线时间 创建时间 发布 投稿 上传 日期 时间 publishtime pubdate publishedtime publishdate uploaddate uploadedat createdat createtime"
    " createdtime ctime pubtime postedat postdate posttime date time timestamp unixtimestamp",
    "counted_at": "countedat 采集时间 抓取时间 爬取时间 统计时间 更新时间 统计日期 采集日期 crawltime crawledat fetchedat collectedat scrapedat snapshottime retrievedat lastmodifyts updatetime updatedat",
    "views": "views 播放量 播放数 播放次数 播放 观看量 观看数 观看次数 浏览量 浏览数 阅读量 viewcount viewscount view playcount plays play videoplaycount hits viewdcount",
    "comments": "comments 评论数 评论量 评论次数 commentcount commentscount numcomments videocomment replycount",
    "shares": "shares 分享数 分享量 分享次数 转发数 转发量 sharecount sharescount share forwardcount repostcount videosharecount sharedcount",
    "favorites": "favorites 收藏数 收藏量 收藏次数 收藏 collectcount collectedcount favorite favoritescount videofavoritecount bookmarks",
    "coins": "coins 投币数 投币量 硬币数 投币 coincount coin videocoincount",
    "danmaku": "弹幕数 弹幕量 弹幕总数 danmakucount danmucount videodanmaku",
    "retention": "retention 留存率 观众留存率 留存 观看留存 保留率 retentionrate audienceretention audiencewatchratio watchratio",
    "start": "start 开始 开始时间 起始时间 起始 入点 starttime starts startms startseconds begin begintime startclock",
    "end": "end 结束 结束时间 终止时间 出点 endtime ends endms endseconds stop stoptime endclock",
    "subject": "subject 对象 话题",
    "at": "at 时间 日期 time date timestamp",
    "value": "value 数值 值",
    "name": "name 指标 指标名 metric",
    "node": "node",
    "link_kind": "linkkind",
    "replies": "replies 回复数 回复量 回复次数 子评论数 楼中楼数 subcommentcount repliescount commentreplycount replynum",
}
"""Names by what they mean, made alike, the surest first. ``author name`` is a name where there may be an id, ``media``, ``duration``, ``start`` and
``end`` are times whose unit is yet to be found; ``replies`` is known and has no field."""

_PERSONAL = re.compile(
    r"昵称|用户名|网名|姓名|真名|头像|个人简介|个性签名|签名|个人主页|主页链接|用户主页|用户链接|用户头像|性别|生日|年龄|手机|电话|邮箱|微信号?$|qq号?$|身份证|住址|地址"
    r"|^(?:用户|评论者|评论人|评论用户|作者|发布者|发送者|博主|up主|发帖人|账号|粉丝名)(?:名|名称|昵称|id|uid|编号|标识|链接|主页)?$|^uid$|被回复(?:者|人|用户)"
    r"|nickname|screenname|username|displayname|realname|fullname|avatar|signature|secuid|uniqueid|email|phone|mobile|profile|gender|birthday|ipaddress|^ip$"
)
_PERSONS = frozenset(
    ("user", "users", "userinfo", "author", "authorinfo", "owner", "commenter", "creator", "uploader", "sender", "member", "用户", "作者")
)
_COUNTED = re.compile(r"count|follower|fans|verified|^is|level|total|num|数$|粉丝|等级|认证")
_INNER = re.compile(r"[./:]+")
_SEPARATORS = re.compile(r"[\s_\-./:：·,，'\"“”‘’\[\]【】()（）#|]+")
_UNIT = re.compile(r"[(（\[【]\s*([^()（）\[\]【】]{1,12})\s*[)）\]】]\s*$")


@cache
def alike(name: str) -> str:
    """A column's name without case, spaces, signs and unit: ``Create_Time``, ``createTime`` and ``create time`` are the same."""
    text = _UNIT.sub("", unicodedata.normalize("NFKC", name[:200]).strip().lstrip("\ufeff")) or name[:200]
    return _SEPARATORS.sub("", text).lower()


@cache
def unit_of(name: str) -> str:
    """The unit in brackets at the end of a name, or in its ending: ``ms``, ``s``, or empty."""
    text = unicodedata.normalize("NFKC", name[:200]).strip().lower()
    found = _UNIT.search(text)
    said = found.group(1).strip() if found else ""
    if said in {"ms", "毫秒", "millisecond", "milliseconds"} or re.search(r"(?:_|\b)(?:ms|msec|milliseconds?)$|毫秒$", text):
        return "ms"
    if said in {"s", "秒", "sec", "secs", "second", "seconds"} or re.search(r"(?:_|\b)(?:s|sec|secs|seconds?)$|秒数?$", text):
        return "s"
    return ""


@cache
def names_people(name: str) -> bool:
    """Whether a column is about a person, by its name.

    The names that platforms use are known to the study itself. These are Chinese ones, and those of objects that were made flat (``user.name``).
    """
    whole = alike(name)
    if _PERSONAL.search(whole):
        return True
    *above, last = (alike(part) for part in _INNER.split(name))
    return any(part in _PERSONS for part in above) and not _COUNTED.search(last)
