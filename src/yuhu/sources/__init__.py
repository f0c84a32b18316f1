"""Importers, one file per family of sources. They read files only: no platform is ever called."""

from yuhu.core.registry import register
from yuhu.sources.bilibili import BilibiliCommentColumns
from yuhu.sources.bilibili_xml import BilibiliDanmakuXml
from yuhu.sources.elan import ElanAnnotations
from yuhu.sources.hotlists import HotListCsv
from yuhu.sources.hotlists_json import HotListJson
from yuhu.sources.link_tables import LinkTable
from yuhu.sources.metric_tables import MetricTable
from yuhu.sources.niconico import NiconicoFlatJson
from yuhu.sources.retention import RetentionCurve
from yuhu.sources.subtitles import SubRip, SubStation, WebVtt
from yuhu.sources.subtitles_json import BilibiliSubtitles, WhisperTranscript, YoutubeTimedText
from yuhu.sources.tabular import MappedTable
from yuhu.sources.tiktok_research import TikTokResearchJson
from yuhu.sources.weibo import WeiboComments, WeiboPosts
from yuhu.sources.weibo_reposts import WeiboReposts
from yuhu.sources.youtube_api import YouTubeApiJson
from yuhu.sources.youtube_data_tools import YouTubeDataToolsComments, YouTubeDataToolsVideos
from yuhu.sources.ytdlp import YtDlpInfoJson

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
    LinkTable,
):
    register("importers", _importer.name, _importer)
