"""A real HTTP server on loopback that speaks chat completions, answers by rule, and can misbehave in every way that servers do."""

import asyncio
import json
import re
import socket
import struct
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow as pa

from yuhu.coding.llm.coder import LlmCoder
from yuhu.coding.llm.settings import settings_from
from yuhu.core.codebook import built_in_codebook
from yuhu.core.ids import text_key

ENCLOSED = re.compile(r"\nBEGIN ([0-9a-f]{24})\n(.*)\nEND \1\n", re.DOTALL)


def said_by(message):
    """The text of a message, images apart."""
    content = message["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def message_of(body):
    """The data part of a request: what a model that follows the frame takes for the message."""
    found = ENCLOSED.findall(said_by(body["messages"][1]))
    assert len(found) == 1, "one data part"
    return json.loads(found[0][1])


def schema_of(body):
    return body["response_format"]["json_schema"]["schema"]["properties"]


def shape_of(body):
    """Codes of a request with the names that each takes, from the schema or else from the shape in the instruction."""
    if body.get("response_format", {}).get("type") == "json_schema":
        return schema_of(body)
    system = body["messages"][0]["content"]
    start = next(at for at in range(len(system)) if system.startswith(('{"', "{\n"), at) and '"..."' in system[at : at + 400])
    found, _ = json.JSONDecoder().raw_decode(system, start)

    def prop(text):
        return {"type": "string", "enum": text.split("|")} if text != "..." else {"type": "string"}

    out = {}
    for code, parts in found.items():
        props = {name: prop(one) if isinstance(one, str) else {"type": "array", "items": {"properties": {k: prop(v) for k, v in one[0].items()}}}
                 for name, one in parts.items()}  # fmt: skip
        out[code] = {"properties": props}
    return out


def absent(part):
    """The answer that a code is not there."""
    out = {}
    for name, one in part["properties"].items():
        if name == "cells":
            out[name] = []
        elif name == "evidence":
            out[name] = ""
        else:
            values = one["enum"]
            out[name] = next((value for value in ("-", "none", "0") if value in values), values[-1])
    return out


def by_rule(body):
    """Right answers: a few words stand for a few codes."""
    text = message_of(body)["text"]
    out = {code: absent(part) for code, part in shape_of(body).items()}

    def put(code, word, **values):
        if code in out and word in text:
            out[code].update(values | {"evidence": word})

    feeling = next((word for word in ("哭", "cried", "怕", "safe", "强盗", "thieves") if word in text), "")
    if "kind" in out:
        out["kind"] = {"value": "expressing" if feeling else "other", "evidence": feeling or text.strip()[:4]}
    for word in ("哭", "cried"):
        put("affective_empathy", word, value="1", **{"affective_empathy.valence": "pain"})
    for word in ("怕", "safe"):
        put("empathic_concern", word, value="1")
    for word in ("强盗", "thieves"):
        put("anger", word, value="1", **{"anger.target": "museum"})
    for word in ("她", "her"):
        put("object_of_feeling", word, value="one_character")
    for word in ("国博", "visit"):
        if "action" in out and word in text:
            out["action"]["cells"] = [{"cell": "action.visit", "value": "intends", "evidence": word}]
    return out


def rough_tokens(text):
    """Tokens by a rule that is not the program's: pieces of words, signs, seven tenths of each other character."""
    pieces = sum(-(-len(word) // 5) for word in re.findall(r"[A-Za-z0-9]+", text))
    signs = len(re.findall(r"[!-/:-@\[-`{-~\u3000-\u303f\uff00-\uffef]", text))
    wide = len(re.findall(r"[\u3400-\u9fff]", text))
    return round(pieces + 0.6 * signs + 0.85 * wide)


class Server:
    """What tests see of the server: requests, and how it behaves.

    ``behave`` gets the number of the request (from 0) and its body, and gives a dict of what is out of order: ``status``, ``headers``, ``body`` (bytes),
    ``answer`` (what the model writes, as object or text), ``finish``, ``refusal``, ``usage``, ``wait_s``, ``drop`` ("before" or "amid").
    """

    def __init__(self):
        self.requests = []
        self.headers = []
        self.behave = lambda n, body: {}
        self.rule = by_rule
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.at_once = self.most_at_once = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def texts(self):
        return [message_of(body)["text"] for body in self.requests]


def _handler(server):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with server.lock:
                n = len(server.requests)
                server.requests.append(body)
                server.headers.append({name.lower(): value for name, value in self.headers.items()})
                server.at_once += 1
                server.most_at_once = max(server.most_at_once, server.at_once)
            try:
                self.reply(server.behave(n, body), body)
            finally:
                with server.lock:
                    server.at_once -= 1

        def reply(self, odd, body):
            if odd.get("wait_s"):
                server.released.wait(odd["wait_s"])
            if odd.get("drop") == "before":
                return self.cut()
            content = odd.get("body")
            if content is None:
                content = json.dumps(self.completion(odd, body), ensure_ascii=False).encode()
            self.send_response(odd.get("status", 200))
            for name, value in ({"content-type": "application/json"} | odd.get("headers", {})).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            try:
                if odd.get("drop") == "amid":
                    self.wfile.write(content[: len(content) // 2])
                    self.wfile.flush()
                    return self.cut()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True

        def cut(self):
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

        def completion(self, odd, body):
            answer = odd["answer"] if "answer" in odd else server.rule(body)
            written = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
            sent = "".join(map(said_by, body["messages"]))
            usage = {"prompt_tokens": rough_tokens(sent), "completion_tokens": rough_tokens(written), "total_tokens": 0}
            message = {"role": "assistant", "content": None if odd.get("refusal") else written, "refusal": odd.get("refusal")}
            return {
                "id": "x", "object": "chat.completion", "created": int(time.time()), "model": body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": odd.get("finish", "stop")}],
                "usage": odd.get("usage", usage),
            }  # fmt: skip

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that went away is no error here."""


@contextmanager
def llm_server():
    """The server, for the time of a test."""
    server = Server()
    http = _Quiet(("127.0.0.1", 0), _handler(server))
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        http.shutdown()
        http.server_close()
        thread.join()


class FakeClock:
    """Time that passes only by waiting, and tells how long was waited."""

    def __init__(self):
        self.time = 0.0
        self.waits = []

    def now(self):
        return self.time

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


def make_coder(server, *, book=None, clock=None, folder=None, **options):
    """A coder on the built-in codebook (or another) that asks the server."""
    book = book or built_in_codebook()
    said = {"server": server.url, "model": "small-model"} | {name: str(value) for name, value in options.items()}
    return LlmCoder(book, sorted(book.default_modules), settings_from(said), folder, clock or FakeClock())


def batch(*texts, **columns):
    """Texts as a coder gets them; Chinese where they hold a Chinese character."""
    rows = [{"text_key": text_key(text), "lang": "zh" if re.search("[\u4e00-\u9fff]", text) else "en", "text": text} for text in texts]
    for name, held in columns.items():
        for row, one in zip(rows, held, strict=True):
            row[name] = one
    kinds = {"text_key": pa.int64(), "lang": pa.string(), "text": pa.string()} | {name: pa.string() for name in columns}
    return pa.RecordBatch.from_pylist(rows, pa.schema(list(kinds.items())))


def values(outcome, text):
    """The codings of a text as ``code: value``."""
    return {row["code"]: row["value"] for row in outcome.codings.to_pylist() if row["text_key"] == text_key(text)}


def reasons(outcome, text):
    """Why decisions on a text failed, by code."""
    return {row["code"]: row["why"] for row in outcome.failed.to_pylist() if row["text_key"] == text_key(text)}
