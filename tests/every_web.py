"""yt-dlp, YouTube, TikTok's Research API and Weibo, with people planted in them."""

import copy
import json
from typing import Any

import test_sources_tiktok_research as research
import test_sources_weibo as weibo
import test_sources_youtube as youtube
import test_sources_ytdlp as ytdlp
from files import COMMENTS, POSTS
from planting import Planted, Samples

YTDLP, API, RESEARCH = "ytdlp_info_json.v1", "youtube_api_json.v1", "tiktok_research_json.v1"
TOOL_COMMENTS, TOOL_VIDEOS = "youtube_data_tools_comments.v1", "youtube_data_tools_videos.v1"
WEIBO_POSTS, WEIBO_COMMENTS, WEIBO_REPOSTS = "weibo_posts_json.v1", "weibo_comments_json.v1", "weibo_reposts_json.v1"

_CHANNEL = ("UCaaaaaaaaaaaaaaaaaaaaaa", "Secret Channel", "secretchannel")
_YOUTUBE = (*_CHANNEL, "203.0.113.9", "museumfan", "someone", "firstviewer", "UCbbbbbbbbbbbbbbbbbbbbbb", "UCcc", "@only a name")


def add_web(samples: Samples) -> None:
    _add_ytdlp(samples)
    _add_youtube(samples)
    _add_research(samples)
    _add_weibo(samples)


def _info(people: Planted, document: dict[str, Any], *secrets: str) -> dict[str, Any]:
    """A document of yt-dlp with what it says of people elsewhere: the one who ran it, and artists."""
    bv = "BV1xx411c7mD"
    native = document["id"].replace(bv, f"{bv[:-4]}{people.number:04d}") if bv in document["id"] else f"{document['id']}{people.number}"
    made = people.swapped({**document, "id": native}, *secrets)
    more = {
        "artists": [people.name()],
        "creators": [people.name()],
        "cast": [people.chinese()],
        "playlist_uploader": people.name(),
        "tags": [f"@{people.name()}"],
        "_filename": f"/home/{people.name()}/a.mp4",
        "http_headers": {"Cookie": people.name()},
        "requested_formats": [{"url": f"https://rr1.googlevideo.com/?ip={people.machine()}"}],
        "webpage_url": f"https://www.tiktok.com/@{people.name()}/video/1",
        "location": "Beijing",
    }
    made["description"] = people.text(made.get("description", ""))
    return {**more, **made, "webpage_url": more["webpage_url"]}


def _add_ytdlp(samples: Samples) -> None:
    for document, secrets, seen, kept in (
        (ytdlp.YOUTUBE, _YOUTUBE, 8, 6),
        (ytdlp.TIKTOK, ("name_of_user", "6800000000000000001", "Nick", "MS4wLjABAAAA"), 1, 1),
        (ytdlp.BILIBILI, ("12345678",), 4, 4),
    ):
        people = samples.people()
        made = _info(people, document, *secrets)
        for comment in made.get("comments", ())[:2]:
            comment |= {"author": people.name(), "author_id": people.digits(), "author_url": f"https://example.com/@{people.name()}"}
            comment["author_thumbnail"], comment["author_member_badge"] = f"https://yt3.ggpht.com/{people.name()}", {"label": people.name()}
            comment["text"] = people.text(comment["text"])
        samples.add(people, (f"a [{people.number}].info.json", made), YTDLP, seen, kept)
    people = samples.people()
    niconico = {"id": f"sm{people.number}", "title": "t", "comment_count": 40, "extractor_key": "Niconico", "epoch": ytdlp.EPOCH}
    samples.add(people, ("n.info.json", {**niconico, "uploader": people.name(), "uploader_id": people.digits()}), YTDLP, 1, 1)
    people = samples.people()
    playlist = people.fresh(people.swapped(ytdlp.PLAYLIST, *_YOUTUBE), "dQw4w9WgXcQ")
    playlist |= {
        "description": people.chinese(),
        "title": people.name(),
        "entries": [*playlist["entries"][:3], _info(people, playlist["entries"][3])],
    }
    samples.add(people, ("playlist.info.json", playlist), YTDLP, 13, 10)
    people = samples.people()
    lines = [
        _info(people, document) | {"uploader": people.name(), "uploader_id": people.digits()} for document in (ytdlp.TIKTOK, ytdlp.BILIBILI)
    ]
    samples.add(people, ("all.jsonl", "\n".join(json.dumps(one) for one in lines)), YTDLP, 5, 5)


def _add_youtube(samples: Samples) -> None:
    secrets = ("SecretViewer", "UCviewer00000000000000aa", "UCowner000000000000000aa")
    for form in ("page", "pages", "lines", "items", "item lines"):
        people = samples.people()
        page = people.fresh(people.swapped(youtube.THREADS, *secrets), "vvvvvvvvvvv")
        items = page["items"]
        top = items[0]["snippet"]["topLevelComment"]["snippet"]
        top |= {
            "textOriginal": people.text("I cried"),
            "textDisplay": f'<a href="https://www.youtube.com/@{people.name()}">@{people.name()}</a> I cried',
        }
        items[0]["replies"]["comments"][0]["snippet"] |= {"authorGoogleplusProfileUrl": f"https://plus.google.com/{people.digits(21)}"}
        content = {
            "page": json.dumps(page, indent=2),
            "pages": [page],
            "lines": "\n".join(json.dumps({**page, "items": part}) for part in (items[:1], items[1:])),
            "items": items,
            "item lines": "\n".join(json.dumps(item) for item in items),
        }[form]
        samples.add(people, ("a.json", content), API, 9, 8)
    people = samples.people()
    replies = people.swapped(youtube.MORE, *secrets)
    samples.add(people, ("replies.json", replies), API, 2, 2)
    people = samples.people()
    video = people.fresh(people.swapped(youtube.VIDEOS, "Secret Owner", secrets[2]), "vvvvvvvvvvv")
    video["items"][0]["snippet"] |= {
        "description": people.text("A teapot"),
        "localized": {"title": "Escape", "description": people.text("A teapot")},
    }
    video["items"][0]["player"] = {"embedHtml": f"<iframe src='//www.youtube.com/{people.name()}'>"}
    samples.add(people, ("videos.json", video), API, 1, 1, exported_at="2023-09-01T00:00:00Z")
    for separator, ending in ((",", "csv"), ("\t", "tab")):
        people = samples.people()
        table = people.swapped(
            youtube.tabled(youtube.HEADER, youtube.ROWS, separator), "SecretViewer", "UCviewer00000000000000aa", "Other Viewer", "UCother"
        )
        table = table.replace("¯", f"@{people.name()} {people.mail()} ¯")
        name = youtube.NAME.replace("vvvvvvvvvvv", f"vvvvvvvv{people.number:03d}").replace("csv", ending)
        samples.add(people, (name, table), TOOL_COMMENTS, 5, 3)
        people = samples.people()
        table = people.swapped(youtube.tabled(youtube.VIDEO_HEADER, [youtube.VIDEO_ROW], separator), "Secret Owner", secrets[2])
        table = table.replace("A teapot", f"A teapot by @{people.name()} {people.mail()}")
        samples.add(people, (f"videolist_search1_2023_09_01-08_30_00.{ending}", table), TOOL_VIDEOS, 1, 1)


def _add_research(samples: Samples) -> None:
    for form in ("response", "data", "lines", "items"):
        people = samples.people()
        number = str(research.VIDEO_ID)
        video, *comments = people.fresh([research.VIDEO, *research.COMMENTS], number)
        video = people.swapped(video, "friend", "secretuser") if form == "items" else people.swapped(video, "secretuser", "secretfriend")
        video["video_description"] = people.text("a teapot")
        video["voice_to_text"] = f"@{people.name()} I want to go home"
        comments[0]["text"] = people.text("I cried")
        comments[1] |= people.around()
        both = research.response(videos=[video], comments=comments)
        content = {
            "response": json.dumps(both, indent=2),
            "data": json.dumps(both["data"]),
            "lines": "\n".join(json.dumps(one) for one in (research.response(videos=[video]), research.response(comments=comments))),
            "items": [video, *comments],
        }[form]
        samples.add(people, ("a.json", content), RESEARCH, 6, 5, exported_at="2023-09-01T00:00:00Z")


def _add_weibo(samples: Samples) -> None:
    people = samples.people()
    posts = copy.deepcopy(POSTS)
    for post in posts:
        post["mblogid"] = f"{post['mblogid']}x{people.number}"
        post["user"] = {
            "_id": people.digits(10),
            "nick_name": people.chinese(),
            "avatar_hd": people.name(),
            "verified_reason": people.chinese(),
        }
        post |= {**people.around(), "url": f"https://weibo.com/{post['user']['_id']}/{post['mblogid']}", "_id": f"{post['user']['_id']}_1"}
    posts[0]["content"] = people.text("回家吧")
    posts[1]["retweet"] = {"user": {"screen_name": people.chinese(), "id": int(people.digits(10))}, "content": f"//@{people.chinese()}:好"}
    samples.add(people, ("posts.json", posts), WEIBO_POSTS, 3, 2)
    people = samples.people()
    comments = copy.deepcopy(COMMENTS)
    for comment in comments:
        comment["_id"] = f"{comment['_id']}x{people.number}"
        comment["comment_user"] = {
            "_id": people.digits(10),
            "nick_name": people.chinese(),
            "avatar_hd": people.name(),
            "birthday": people.name(),
        }
        comment.update(people.around())
    comments[0]["content"] = people.text("泪目")
    comments[1]["content"] = f"回复@{people.chinese()}:我也是"
    comments[1]["reply_comment"]["user"] = {"_id": people.digits(10), "nick_name": people.chinese()}
    comments.append({**comments[0], "_id": "c3", "content": " "})
    samples.add(people, ("comments.json", comments), WEIBO_COMMENTS, 3, 2)
    secrets = ("SecretName", "SecretOwner", "SecretFriend", "SecretReason", "SecretCard", "1111111111", "2222222222")
    ids = (weibo.ROOT, *(f"49400000000000{n}" for n in range(10, 15)))
    pages = {"ajax": weibo.AJAX, "mobile": weibo.MOBILE, "statuses": weibo.REPOSTS}
    for name, page in pages.items():
        people = samples.people()
        made = people.fresh(people.swapped(page, *secrets), *ids)
        statuses = made if isinstance(made, list) else made["data"] if isinstance(made["data"], list) else made["data"]["data"]
        statuses[2] |= {**people.around(), "text_raw": None, "text": f"<a href='/u/{people.digits(10)}'>@{people.chinese()}</a> 回家"}
        statuses[3]["user"]["description"] = people.text("签名")
        samples.add(people, (f"{name}.json", json.dumps(made, ensure_ascii=False, indent=1)), WEIBO_REPOSTS, 6, 6)
