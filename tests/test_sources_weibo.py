"""Weibo: trees of reposts; and posts and comments mapped again from their raw copy."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import COMMENTS, POSTS, write
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again, broken_up
from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.weibo import WeiboComments, WeiboPosts
from yuhu.sources.weibo_reposts import WeiboReposts
from yuhu.testing import check_importer

ROOT = "4940000000000001"


def user(number, name="SecretName", **more):
    return {
        "id": number,
        "idstr": str(number),
        "screen_name": name,
        "profile_url": f"/u/{number}",
        "avatar_hd": "https://x/face",
        "verified": True,
        "verified_reason": "SecretReason",
        "followers_count": 100,
        "gender": "f",
        **more,
    }


ROOT_POST = {
    "created_at": "Wed Aug 30 12:00:00 +0800 2023",
    "id": int(ROOT),
    "idstr": ROOT,
    "mid": ROOT,
    "mblogid": "NgAAAAAAA",
    "user": user(1111111111, "SecretOwner"),
    "text": "玉壶<span class='url-icon'><img alt=[泪] src='x'></span>回家 <a href='/n/SecretFriend'>@SecretFriend</a>",
    "text_raw": "玉壶[泪]回家 @SecretFriend",
    "region_name": "发布于 北京",
    "reposts_count": 6,
    "comments_count": 20,
    "attitudes_count": 300,
}


def status(number, text, person=2222222222, *, root=ROOT_POST, **more):
    return {
        "created_at": "Wed Aug 30 13:00:00 +0800 2023",
        "id": number,
        "idstr": str(number),
        "mid": str(number),
        "mblogid": f"N{number}",
        "user": user(person),
        "text": text,
        "text_raw": text,
        "region_name": "发布于 上海",
        "reposts_count": 1,
        "comments_count": 2,
        "attitudes_count": 3,
        "source": "iPhone客户端",
        "page_info": {"author_name": "SecretCard"},
        "retweeted_status": root,
        **more,
    }


REPOSTS = [
    status(4940000000000010, "回家吧//@SecretName:想家了//@SecretOwner:早点回来", pid=4940000000000011),
    status(4940000000000011, "想家了//@SecretOwner:早点回来"),
    status(4940000000000012, "转发微博"),
    status(4940000000000013, "//@SecretName:想家了", pid="4940000000000011"),
    status(4940000000000014, "谢谢大家", 1111111111),
]
AJAX = {"ok": 1, "data": REPOSTS, "total_number": 9, "max_page": 1, "next_cursor": 0}


def mobile(one):
    """As m.weibo.cn gives it: HTML, no text_raw."""
    text = (
        one["text"]
        .replace("//@SecretName", "//<a href='/n/SecretName'>@SecretName</a>")
        .replace("//@SecretOwner", "//<a href='/n/SecretOwner'>@SecretOwner</a>")
    )
    kept = {key: value for key, value in one.items() if key not in {"text_raw", "idstr", "mblogid"}}
    root = {key: value for key, value in one["retweeted_status"].items() if key != "text_raw"}
    return {**kept, "id": str(one["id"]), "bid": one["mblogid"], "text": text, "raw_text": None, "retweeted_status": root}


MOBILE = {"ok": 1, "msg": "数据获取成功", "data": {"data": [mobile(one) for one in REPOSTS], "total_number": 9, "max": 1}}


def saved(folder, document, name="reposts.json"):
    return write(folder, name, json.dumps(document, ensure_ascii=False, indent=1))


EXPECTED = [
    (ROOT, "post", "玉壶[泪]回家 @SecretFriend", None, f"post:{ROOT}", None),
    ("4940000000000010", "repost", "回家吧", "post:4940000000000011", f"post:{ROOT}", None),
    ("4940000000000011", "repost", "想家了", f"post:{ROOT}", f"post:{ROOT}", None),
    ("4940000000000012", "repost", "转发微博", f"post:{ROOT}", f"post:{ROOT}", None),
    ("4940000000000013", "repost", "转发微博", "post:4940000000000011", f"post:{ROOT}", None),
    ("4940000000000014", "repost", "谢谢大家", f"post:{ROOT}", f"post:{ROOT}", "creator"),
]


@pytest.mark.parametrize("page", [AJAX, MOBILE], ids=["ajax", "mobile"])
def test_pages(tmp_path, page):
    importer, batches, facts = read(saved(tmp_path, page))
    assert importer.name == "weibo_reposts_json.v1"
    rows = table(batches)
    assert rows.select("native", "kind", "text", "parent", "root", "actor").rows() == EXPECTED
    assert rows["author"].to_list() == ["1111111111", *["2222222222"] * 4, "1111111111"]
    assert rows["region"].to_list() == ["北京", *["上海"] * 5]
    assert rows["likes"].to_list() == [300, *[3] * 5]
    assert str(rows["sent_at"][0]) == "2023-08-30 04:00:00+00:00"
    assert rows["video"].null_count() == 6
    links = table(batches, "links")
    assert links.select("node", "parent", "kind", "actor").rows() == [
        (f"post:{native}", parent, "repost", actor) for native, _, _, parent, _, actor in EXPECTED[1:]
    ]
    assert str(links["sent_at"][0]) == "2023-08-30 05:00:00+00:00"
    assert facts.expected == [{"kind": "repost", "total": 9, "video": None, "root": f"post:{ROOT}"}]
    assert facts.truncation == [
        "5 of 9 reposts are here, by the platform's own count: it lists fewer than it counts, and pages may be missing"
    ]
    assert facts.notes == [
        "1 reposts repeat another repost that the file does not name (no pid): they are linked to the root post, so the tree is too flat"
    ]
    assert sum(batch.seen for batch in batches) == 6
    assert (facts.what, facts.platform) == ("reposts", "weibo")


@pytest.mark.parametrize("form", ["pages", "page lines", "statuses", "status lines"])
def test_all_forms_give_the_same(tmp_path, form):
    halves = [{**AJAX, "data": REPOSTS[:2]}, {**AJAX, "data": REPOSTS[2:]}]
    contents = {
        "pages": json.dumps(halves),
        "page lines": "\n".join(map(json.dumps, halves)),
        "statuses": json.dumps(REPOSTS, ensure_ascii=False),
        "status lines": "\n".join(map(json.dumps, REPOSTS)),
    }
    importer, batches, facts = read(write(tmp_path, "a.json", contents[form]))
    assert importer.name == "weibo_reposts_json.v1"
    assert [row[:2] for row in table(batches).select("native", "kind").rows()] == [row[:2] for row in EXPECTED]
    assert facts.expected[0]["total"] == (6 if "status" in form else 9)


def test_counts_need_the_time_that_a_person_says(tmp_path):
    assert table(read(saved(tmp_path, AJAX))[1], "metrics").height == 0
    _, batches, _ = read(saved(tmp_path, AJAX), exported_at="2023-09-01T00:00:00Z")
    metrics = table(batches, "metrics")
    assert metrics.filter(response=f"post:{ROOT}").select("name", "value").rows() == [
        ("reposts", 6.0),
        ("comments", 20.0),
        ("likes", 300.0),
    ]
    assert metrics.filter(account="1111111111").select("name", "value").row(0) == ("followers", 100.0)


def test_long_deleted_and_odd_statuses(tmp_path):
    gone = {"id": 5, "text": "抱歉，此微博已被作者删除", "user": None, "deleted": "1", "reposts_count": 0}
    statuses = [
        status(1, "a", isLongText=True, longText={"longTextContent": "the <a href='/n/SecretName'>@SecretName</a> whole"}),
        status(2, "b", isLongText=True),
        status(3, "c", root=gone),
        status(4, "该微博已被删除", deleted="1"),
        status(6, "d", created_at="刚刚", root=None, pid="4940000000000099"),
        {**status(7, ""), "text_raw": None, "text": None},
        {**status(8, " "), "retweeted_status": None},
        {**status(9, "x"), "id": None, "idstr": None, "mid": None, "mblogid": None, "bid": None},
        {**status(10, "e"), "text_raw": "", "text": "e 1 &lt; 2 <a href='/status/1'>全文</a>"},
        {"ok": 0, "msg": "还没有人转发过"},
        None,
    ]
    _, batches, facts = read(saved(tmp_path, statuses))
    assert table(batches).select("native", "text", "parent", "root").rows() == [
        (ROOT, "玉壶[泪]回家 @SecretFriend", None, f"post:{ROOT}"),
        ("1", "the @SecretName whole", f"post:{ROOT}", f"post:{ROOT}"),
        ("2", "b", f"post:{ROOT}", f"post:{ROOT}"),
        ("3", "c", "post:5", "post:5"),
        ("6", "d", "post:4940000000000099", "post:4940000000000099"),
        ("7", "转发微博", f"post:{ROOT}", f"post:{ROOT}"),
        ("10", "e 1 < 2", f"post:{ROOT}", f"post:{ROOT}"),
    ]
    assert "SecretName" not in assert_maps_again(saved(tmp_path, statuses))
    assert [(reject.place, reject.why) for batch in batches for reject in batch.rejects] == [
        ("record 4", "deleted: a notice of the platform stands in its place"),
        ("record 7", "no text"),
        ("record 8", "no id"),
        ("record 10", "a page without statuses"),
        ("record 11", "the record is no object"),
    ]
    assert facts.notes == [
        "1 root posts are no longer shown by the platform",
        "1 texts are cut by the platform (long posts, whose whole text is not in the file)",
        "1 times were not understood and are unknown",
    ]


def test_the_raw_copy_of_reposts(tmp_path):
    for page in (AJAX, MOBILE):
        copy = assert_maps_again(saved(tmp_path, page), exported_at="2023-09-01T00:00:00Z")
        for secret in ("SecretName", "SecretOwner", "SecretFriend", "SecretReason", "SecretCard", "1111111111", "2222222222"):
            assert secret not in copy, secret


def test_reposts_contract_and_golden(tmp_path, golden):
    for name, page in (("ajax", AJAX), ("mobile", MOBILE)):
        path = saved(tmp_path, page, f"{name}.json")
        check_importer(WeiboReposts(), path)
        golden(f"weibo/{name}", golden_of(path))


@given(broken_up([AJAX, MOBILE], times=4) | st.lists(ANYTHING, max_size=4))
def test_law_nothing_is_lost_whatever_a_field_holds(tmp_path_factory, document):
    path = write(tmp_path_factory.mktemp("weibo"), "a.json", json.dumps(document).encode())
    try:
        batches = list(WeiboReposts().read(Origin(path), Facts()))
    except YuhuError as error:
        assert error.code == "YH106"  # noqa: PT017 - neither a list nor an object
        return
    assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)


WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn"), blacklist_characters="/@＠"), min_size=1, max_size=12).filter(
    lambda text: text.strip()
)


@given(st.lists(st.tuples(WORDS, st.lists(WORDS, max_size=2), st.integers(-1, 6), st.integers(0, 10**6)), max_size=7))
def test_law_round_trip(tmp_path_factory, made):
    """Own words and the tree come back, whatever is repeated behind them."""
    statuses = []
    for at, (own, repeated, above, likes) in enumerate(made):
        text = own + "".join(f"//@name{n}:{words}" for n, words in enumerate(repeated))
        parent = {"pid": 5000 + above} if 0 <= above < at else {}
        statuses.append(status(5000 + at, text, attitudes_count=likes, **parent))
    path = saved(tmp_path_factory.mktemp("weibo"), {**AJAX, "data": statuses})
    batches = list(WeiboReposts().read(Origin(path), Facts()))
    rows = table(batches).filter(kind="repost")
    assert rows.select("native", "text", "likes").rows() == [
        (str(5000 + at), own.strip(), likes) for at, (own, _, _, likes) in enumerate(made)
    ]
    assert table(batches, "links")["parent"].to_list() == [
        f"post:{5000 + above}" if 0 <= above < at else f"post:{ROOT}" for at, (_, _, above, _) in enumerate(made)
    ]


def test_posts_and_comments_are_mapped_again(tmp_path):
    posts, comments = write(tmp_path, "posts.json", POSTS), write(tmp_path, "comments.json", COMMENTS)
    check_importer(WeiboPosts(), posts)
    check_importer(WeiboComments(), comments)
    copy = assert_maps_again(posts) + assert_maps_again(comments)
    for secret in ("SECRETNAME", "小明", "'u1'", "'u3'"):
        assert secret not in copy, secret


def test_posts_and_comments_golden(tmp_path, golden):
    golden("weibo/posts", golden_of(write(tmp_path, "posts.json", POSTS)))
    golden("weibo/comments", golden_of(write(tmp_path, "comments.json", COMMENTS)))


@pytest.mark.parametrize(("importer", "records"), [(WeiboPosts, POSTS), (WeiboComments, COMMENTS)])
@given(data=st.data())
def test_law_of_posts_and_comments(tmp_path_factory, importer, records, data):
    document = data.draw(broken_up(records) | st.lists(ANYTHING, max_size=4))
    path = write(tmp_path_factory.mktemp("weibo"), "a.json", json.dumps(document).encode())
    try:
        [batch] = importer().read(Origin(path), Facts())
    except YuhuError as error:
        assert error.code == "YH106"  # noqa: PT017 - not a list
        return
    assert batch.seen == len(document) == batch.kept + len(batch.rejects)


def test_real_posts_and_comments(shared):
    for name, kinds, links in (("posts", {"post": 778, "repost": 222}, 222), ("comments", {"comment": 1248, "reply": 487}, 0)):
        path = shared / "weibo_posts" / f"{name}.json"
        _, batches, facts = read(path)
        rows = table(batches)
        assert dict(rows["kind"].value_counts().iter_rows()) == kinds
        assert table(batches, "links").height == links
        assert rows["sent_at"].null_count() == rows["author"].null_count() == 0
        assert facts.what == name
        assert_maps_again(path)
