"""Importers, one file per family of sources. They read files only: no platform is ever called."""

from yuhu.core.registry import register
from yuhu.sources.bilibili import BilibiliCommentColumns, BilibiliDanmakuXml
from yuhu.sources.hotlists import HotListCsv
from yuhu.sources.niconico import NiconicoFlatJson
from yuhu.sources.tabular import MappedTable
from yuhu.sources.weibo import WeiboComments, WeiboPosts

for _importer in (BilibiliDanmakuXml, BilibiliCommentColumns, NiconicoFlatJson, WeiboPosts, WeiboComments, HotListCsv, MappedTable):
    register("importers", _importer.name, _importer)
