"""Importers, one file per family of sources. They read files only: no platform is ever called."""

from yuhu.core.registry import register
from yuhu.sources.bilibili import BilibiliCommentColumns
from yuhu.sources.bilibili_danmaku_json import BilibiliDanmakuJson
from yuhu.sources.bilibili_recorder import BilibiliRecorderXml
from yuhu.sources.bilibili_segments import BilibiliSegments
from yuhu.sources.bilibili_xml import BilibiliDanmakuXml
from yuhu.sources.danmaku_ass import DanmakuAss
from yuhu.sources.elan import ElanAnnotations
from yuhu.sources.fourcat_results import FourcatScenes, FourcatTranscripts
from yuhu.sources.fourcat_tables import FourcatTable
from yuhu.sources.hotlists import HotListCsv
from yuhu.sources.hotlists_json import HotListJson
from yuhu.sources.link_tables import LinkTable
from yuhu.sources.mediacrawler import MediaCrawler
from yuhu.sources.metric_tables import MetricTable
from yuhu.sources.niconico import NiconicoFlatJson
from yuhu.sources.niconico_legacy import NiconicoLegacy
from yuhu.sources.niconico_threads import NiconicoThreadsJson
from yuhu.sources.retention import RetentionCurve
from yuhu.sources.subtitles import SubRip, SubStation, WebVtt
from yuhu.sources.subtitles_json import BilibiliSubtitles, WhisperTranscript, YoutubeTimedText
from yuhu.sources.tabular import MappedTable
from yuhu.sources.tiktok_research import TikTokResearchJson
from yuhu.sources.twitch_chat import TwitchChat
from yuhu.sources.weibo import WeiboComments, WeiboPosts
from yuhu.sources.weibo_reposts import WeiboReposts
from yuhu.sources.youtube_api import YouTubeApiJson
from yuhu.sources.youtube_data_tools import YouTubeDataToolsComments, YouTubeDataToolsVideos
from yuhu.sources.youtube_live_chat import YouTubeLiveChat
from yuhu.sources.ytdlp import YtDlpInfoJson
from yuhu.sources.zeeschuimer import ZeeschuimerCaptures

for _importer in (
    BilibiliDanmakuXml,
    BilibiliCommentColumns,
    NiconicoFlatJson,
    WeiboPosts,
    WeiboComments,
    HotListCsv,
    MappedTable,
    YtDlpInfoJson,
    YouTubeApiJson,
    YouTubeDataToolsComments,
    YouTubeDataToolsVideos,
    TikTokResearchJson,
    WeiboReposts,
    SubRip,
    WebVtt,
    SubStation,
    BilibiliSubtitles,
    WhisperTranscript,
    YoutubeTimedText,
    ElanAnnotations,
    HotListJson,
    RetentionCurve,
    MetricTable,
    MediaCrawler,
    LinkTable,
    ZeeschuimerCaptures,
    FourcatTable,
    FourcatTranscripts,
    FourcatScenes,
    BilibiliSegments,
    BilibiliDanmakuJson,
    BilibiliRecorderXml,
    DanmakuAss,
    NiconicoThreadsJson,
    NiconicoLegacy,
    YouTubeLiveChat,
    TwitchChat,
):
    register("importers", _importer.name, _importer)
