"""The language-model coder against a real HTTP server, and what it does when the server misbehaves."""

import json
import threading
import time

import pytest

from llm_server import FakeClock, absent, batch, by_rule, llm_server, make_coder, message_of, reasons, shape_of, values
from yuhu.coding.llm import pace, reading, server
from yuhu.core.codebook import built_in_codebook
from yuhu.core.errors import YuhuError
from yuhu.core.progress import heard_by, shown_by
from yuhu.testing import check_coder

ZH, EN, VISIT = "我哭了，她好可怜", "I cried for her, thieves", "我要去国博看看"
RIGHT_ZH = {"kind": "expressing", "affective_empathy": "1", "affective_empathy.valence": "pain", "object_of_feeling": "one_character"}


@pytest.fixture
def llm():
    with llm_server() as found:
        yield found


@pytest.mark.parametrize("structured", ["json_schema", "json_object", "prompt"])
def test_right_answers_become_codings(llm, structured):
    outcome = make_coder(llm, structured=structured).code(batch(ZH, EN, VISIT))
    assert values(outcome, ZH) == RIGHT_ZH
    assert values(outcome, EN) == RIGHT_ZH | {"anger": "1", "anger.target": "museum"}
    assert values(outcome, VISIT) == {"kind": "other", "action.visit": "intends"}
    spans = {row["code"]: (row["evidence_start"], row["evidence_end"]) for row in outcome.codings.to_pylist() if row["lang"] == "en"}
    assert spans["anger"] == spans["anger.target"] == ([17], [24])
    assert EN[17:24] == "thieves"
    assert outcome.scores is None
    assert outcome.failed.num_rows == outcome.abstained.num_rows == 0
    formats = [body.get("response_format", {}).get("type") for body in llm.requests]
    assert set(formats) == {None if structured == "prompt" else structured}


def test_the_public_suite(llm):
    coder = make_coder(llm, repeats=3)
    check_coder(
        coder, built_in_codebook(), [(ZH, "zh"), (EN, "en"), (VISIT, "zh"), ("  ", "und"), ("かわいい、怕", "ja"), ("x" * 20_001, "en")]
    )


def test_a_schema_holds_the_model_to_the_codebook(llm):
    make_coder(llm, codes="anger,action", codes_per_call=50).code(batch(ZH))
    [body] = llm.requests
    schema = body["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert list(schema["schema"]["properties"]) == schema["schema"]["required"] == ["kind", "anger", "action"]
    anger = schema["schema"]["properties"]["anger"]
    assert anger["properties"]["value"]["enum"] == ["0", "1"]
    assert anger["properties"]["anger.target"]["enum"] == ["museum", "museum_country", "own", "creator", "outgroup", "unstated", "-"]
    assert anger["additionalProperties"] is False
    cell = schema["schema"]["properties"]["action"]["properties"]["cells"]["items"]["properties"]
    assert cell["value"]["enum"] == ["intends", "reports", "calls"]
    assert cell["cell"]["enum"][0] == "action.visit"


def test_closed_gates_are_not_asked(llm):
    outcome = make_coder(llm, codes="kind,stance,information", codes_per_call=1).code(batch(VISIT))
    assert [list(shape_of(body)) for body in llm.requests] == [["kind"], ["information"]]
    assert values(outcome, VISIT) == {"kind": "other"}


def test_what_stands_behind_a_closed_gate_is_zero(llm):
    llm.rule = lambda body: by_rule(body) | {"kind": {"value": "joke", "evidence": "哭"}}
    outcome = make_coder(llm, codes_per_call=50).code(batch(ZH))
    assert values(outcome, ZH) == {"kind": "joke"}
    assert outcome.failed.num_rows == 0


def test_a_gate_that_was_not_decided_lets_no_value_through(llm):
    llm.rule = lambda body: by_rule(body) | {"kind": {"value": "expressing", "evidence": "not there"}}
    outcome = make_coder(llm, codes_per_call=50).code(batch(ZH))
    assert values(outcome, ZH) == {}
    assert reasons(outcome, ZH) == {
        "kind": "the evidence is not in the text",
        "affective_empathy": "what opens the code was not decided",
        "affective_empathy.valence": "what opens the code was not decided",
        "object_of_feeling": "what opens the code was not decided",
    }


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"value": "1", "evidence": "气死"}, "the evidence is not in the text"),
        ({"value": "1", "evidence": ""}, "no evidence given"),
        ({"value": "1"}, "no evidence given"),
        ({"value": "3", "evidence": "哭"}, "the value is none of the codebook's"),
        ({"value": "yes", "evidence": "哭"}, "the value is none of the codebook's"),
        ({"value": True, "evidence": "哭"}, "the answer leaves the code out"),
        ({"value": None, "evidence": "哭"}, "the answer leaves the code out"),
        ("1", "the answer leaves the code out"),
        (None, "the answer leaves the code out"),
    ],
)
def test_a_wrong_answer_fails_its_own_code_alone(llm, answer, why):
    llm.rule = lambda body: by_rule(body) | {"hostility": answer}
    outcome = make_coder(llm, codes="affective_empathy,hostility", codes_per_call=50).code(batch(ZH))
    found = reasons(outcome, ZH)
    assert found["hostility"] == why
    assert set(found) <= {"hostility", "hostility.target", "hostility.form"}
    assert values(outcome, ZH)["affective_empathy"] == "1"


def test_codes_that_were_not_asked_count_for_nothing(llm):
    llm.rule = lambda body: by_rule(body) | {"formula": {"value": "1", "evidence": "哭"}, "no_such": {"value": "1", "evidence": "哭"}}
    outcome = make_coder(llm, codes="kind").code(batch(ZH))
    assert values(outcome, ZH) == {"kind": "expressing"}


def test_a_code_left_out_has_failed(llm):
    llm.rule = lambda body: {name: one for name, one in by_rule(body).items() if name != "information"}
    outcome = make_coder(llm).code(batch(ZH))
    assert reasons(outcome, ZH) == {"information": "the answer leaves the code out"}


def test_evidence_may_be_switched_off(llm):
    llm.rule = lambda body: by_rule(body) | {"hostility": absent(shape_of(body)["hostility"]) | {"value": "1", "evidence": "made up", "hostility.target": "own", "hostility.form": "insult"}} if "hostility" in shape_of(body) else by_rule(body)  # fmt: skip
    outcome = make_coder(llm, codes="hostility", evidence="no").code(batch(ZH))
    assert values(outcome, ZH) == {"hostility": "1", "hostility.target": "own", "hostility.form": "insult"}
    assert outcome.codings.to_pylist()[0]["evidence_start"] == []


@pytest.mark.parametrize("odd", [{"refusal": "I can't help with 我哭了"}, {"finish": "content_filter"}, {"status": 400, "body": b'{"error": {"code": "data_inspection_failed", "message": "Input data may contain inappropriate content."}}'}])  # fmt: skip
def test_a_refusal_is_an_answer(llm, odd, tmp_path):
    llm.behave = lambda n, body: odd
    for _ in range(2):
        outcome = make_coder(llm, codes="kind", folder=tmp_path).code(batch(ZH))
        assert reasons(outcome, ZH) == {"kind": "the model refused"}
    assert len(llm.requests) == 1, "it is kept"
    llm.behave = lambda n, body: {}
    outcome = make_coder(llm, codes="kind", folder=tmp_path, ask_again="yes").code(batch(ZH))
    assert values(outcome, ZH) == {"kind": "expressing"}


@pytest.mark.parametrize("answer", ["", "no JSON", '{"kind": {"value": "expressing"', "[1, 2]", '{"kind": 1, "kind": 2}', "[" * 100_000])
def test_malformed_answers_are_asked_for_once_more(llm, answer, tmp_path):
    llm.behave = lambda n, body: {"answer": answer}
    outcome = make_coder(llm, codes="kind", folder=tmp_path).code(batch(ZH))
    assert reasons(outcome, ZH) == {"kind": "the answer is no JSON object"}
    assert len(llm.requests) == 2
    llm.behave = lambda n, body: {"answer": answer} if n == 2 else {}
    outcome = make_coder(llm, codes="kind", folder=tmp_path, ask_again="yes").code(batch(ZH))
    assert values(outcome, ZH) == {"kind": "expressing"}


@pytest.mark.parametrize("frame", ["```json\n{}\n```", "<think>the text says 1 {{}}</think>\n{}", "  {}\n"])
def test_a_fence_and_a_thought_are_taken_off(llm, frame):
    llm.behave = lambda n, body: {"answer": frame.replace("{{}}", "").replace("{}", json.dumps(by_rule(body)))}
    outcome = make_coder(llm, codes="kind", structured="prompt").code(batch(ZH))
    assert values(outcome, ZH) == {"kind": "expressing"}


def test_a_cut_answer_is_asked_for_in_halves(llm, tmp_path):
    llm.behave = lambda n, body: {"finish": "length", "answer": '{"kind": {"va'} if len(shape_of(body)) > 2 else {}
    for _ in range(2):
        outcome = make_coder(llm, codes="affective_empathy,anger,stance", codes_per_call=4, folder=tmp_path).code(batch(ZH))
        assert values(outcome, ZH)["affective_empathy"] == "1"
    assert [len(shape_of(body)) for body in llm.requests] == [4, 2, 2]


def test_an_answer_that_is_always_cut_has_failed(llm):
    llm.behave = lambda n, body: {"finish": "length"}
    outcome = make_coder(llm, codes="anger", codes_per_call=2).code(batch(ZH))
    assert set(reasons(outcome, ZH).values()) == {"the answer was cut off"}
    assert len(llm.requests) == 3


def test_retry_after_is_obeyed(llm):
    clock = FakeClock()
    llm.behave = lambda n, body: {"status": 429, "headers": {"retry-after": "7"}, "body": b"{}"} if n < 2 else {}
    outcome = make_coder(llm, codes="kind", clock=clock).code(batch(ZH))
    assert values(outcome, ZH) == {"kind": "expressing"}
    assert sum(clock.waits) >= 14
    assert len(llm.requests) == 3


def test_all_wait_when_one_is_told_to(llm):
    clock = FakeClock()
    llm.behave = lambda n, body: {"status": 429, "headers": {"retry-after": "30"}, "body": b"{}"} if n == 0 else {}
    make_coder(llm, codes="kind", clock=clock, concurrency=1).code(batch(ZH, EN))
    assert clock.time >= 30


def test_a_wait_that_is_too_long_stops_the_run(llm):
    llm.behave = lambda n, body: {"status": 429, "headers": {"retry-after": "7200"}, "body": b"{}"}
    with pytest.raises(YuhuError, match="YH511") as caught:
        make_coder(llm, codes="kind").code(batch(ZH))
    assert "7200" in caught.value.facts["it says"]
    assert len(llm.requests) == 1


def test_waits_grow_and_are_the_same_each_time():
    waits = [pace.backoff_s(attempt, "token", None) for attempt in range(1, 12)]
    assert waits == [pace.backoff_s(attempt, "token", None) for attempt in range(1, 12)]
    assert all(0.5 * full <= wait <= full for wait, full in zip(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60], strict=True))
    assert pace.backoff_s(1, "token", 9.0) == 9.0
    assert pace.backoff_s(1, "other", None) != waits[0]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({"retry-after": "2.5"}, 2.5), ({"retry-after-ms": "300"}, 0.3), ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 60), ({}, None),
     ({"retry-after": "soon"}, None), ({"retry-after": "-1"}, None)],
)  # fmt: skip
def test_waits_that_a_server_asks_for(headers, wait):
    assert server.wait_asked(headers, now=1_792_567_620.0) == wait


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"status": 500, "body": b"oops"}, "the server answered 500"),
        ({"status": 503, "body": b"<html>busy</html>", "headers": {"content-type": "text/html"}}, "the server answered 503"),
        ({"status": 429, "body": b"{}"}, "the server answered 429"),
        ({"body": b"<html><h1>hello</h1></html>", "headers": {"content-type": "text/html"}}, "the reply is no chat completion"),
        ({"body": b'{"choices": ['}, "the reply is no chat completion"),
        ({"body": b'{"choices": []}'}, "the reply is no chat completion"),
        ({"body": b'{"error": "model is loading"}'}, "the reply is no chat completion"),
        ({"body": b"\xff\xfe\x00"}, "the reply is no chat completion"),
        ({"drop": "before"}, "the connection broke"),
        ({"drop": "amid"}, "the connection broke"),
        ({"wait_s": 20}, "no reply in time"),
    ],
)  # fmt: skip
def test_a_failure_of_the_server_is_tried_again_and_not_kept(llm, odd, why, tmp_path):
    llm.behave = lambda n, body: odd
    made = {"codes": "kind", "folder": tmp_path, "tries": 3, "timeout_s": 0.4}
    outcome = make_coder(llm, **made).code(batch(ZH))
    assert reasons(outcome, ZH) == {"kind": why}
    assert len(llm.requests) == 3
    llm.behave = lambda n, body: odd if n == 3 else {}
    outcome = (
        make_coder(llm, **(made | {"timeout_s": 5})).code(batch(ZH)) if "wait_s" not in odd else make_coder(llm, **made).code(batch(ZH))
    )
    assert values(outcome, ZH) == {"kind": "expressing"}


ECHOED = "2 validation errors for prompt: 'a sensitive moment, content policy, moderation, Content Exists Risk'"


@pytest.mark.parametrize(
    ("error", "is_refusal"),
    [
        ({"code": "data_inspection_failed", "message": "x"}, True),
        ({"code": "DataInspectionFailed", "message": "x"}, True),
        ({"code": "content_filter", "message": "x"}, True),
        ({"code": "x", "innererror": {"code": "ResponsibleAIPolicyViolation"}}, True),
        ({"type": "content_policy_violation", "code": None, "message": "x"}, True),
        ({"code": "InputTextSensitiveContentDetected", "message": "x"}, True),
        ({"code": "moderation_blocked"}, True),
        ({"code": "invalid_request_error", "message": "Content Exists Risk"}, True),
        ({"message": "Input data may contain inappropriate content."}, True),
        ({"code": "BadRequestError", "type": "BadRequestError", "message": ECHOED}, False),
        ({"code": 400, "message": f"context is too long: {ECHOED}"}, False),
        ({"code": "invalid_case_sensitive_name", "param": "moderation", "message": "unknown parameter"}, False),
        ({"code": ["content_filter"], "message": {"content_filter": 1}}, False),
        (ECHOED, False),
    ],
)
def test_only_a_filter_is_a_refusal_and_never_an_echo_of_the_input(llm, error, is_refusal, tmp_path):
    llm.behave = lambda n, body: {"status": 400, "body": json.dumps({"error": error}).encode()}
    outcome = make_coder(llm, codes="kind", folder=tmp_path).code(batch(ZH))
    assert reasons(outcome, ZH) == {"kind": "the model refused" if is_refusal else "the server answered 400"}
    llm.behave = lambda n, body: {}
    make_coder(llm, codes="kind", folder=tmp_path).code(batch(ZH))
    assert len(llm.requests) == (1 if is_refusal else 2), "a refusal is kept, an error is not"


def test_each_try_must_fit_below_the_cap(llm):
    llm.behave = lambda n, body: {"drop": "before"}
    coder = make_coder(llm, codes="kind", tries=20, max_tokens=2_000, cap_tokens=15_000)
    with pytest.raises(YuhuError, match="YH512"):
        coder.code(batch(ZH))
    assert 1 <= len(llm.requests) < 20
    assert coder.used.requests == len(llm.requests)
    assert coder.used.tokens_in + coder.used.tokens_out <= 15_000


@pytest.mark.parametrize("odd", [{"wait_s": 20}, {"drop": "amid"}, {"status": 504, "body": b"{}"}])
def test_a_try_that_may_be_billed_is_counted_at_its_worst(llm, odd):
    llm.behave = lambda n, body: odd
    coder = make_coder(llm, codes="kind", tries=2, timeout_s=0.4, max_tokens=700)
    coder.code(batch(ZH))
    assert (coder.used.requests, coder.used.estimated, coder.used.tokens_out) == (2, 2, 1_400)
    assert coder.used.tokens_in > 1_000


def test_a_try_that_the_server_turned_away_costs_nothing(llm):
    llm.behave = lambda n, body: {"status": 429, "body": b"{}"}
    coder = make_coder(llm, codes="kind", tries=3)
    coder.code(batch(ZH))
    assert (coder.used.requests, coder.used.tokens_in, coder.used.tokens_out) == (3, 0, 0)


def test_a_huge_reply_is_not_read(llm):
    llm.behave = lambda n, body: {"body": b" " * (server.LARGEST_REPLY + 1)}
    outcome = make_coder(llm, codes="kind").code(batch(ZH))
    assert reasons(outcome, ZH) == {"kind": "the reply is too large"}
    assert len(llm.requests) == 1


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_a_refused_key_stops_at_once(llm, status, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-very-secret-1")
    llm.behave = lambda n, body: {
        "status": status,
        "body": b'{"error": {"message": "wrong key sk-very-secret-1 \x1b[31m"}}'.replace(b"\x1b", b"\\u001b"),
    }
    with pytest.raises(YuhuError, match="YH511") as caught:
        make_coder(llm, key_env="MY_KEY", concurrency=1).code(batch(ZH, EN, VISIT))
    assert len(llm.requests) == 1
    assert "sk-very-secret-1" not in str(caught.value)
    assert "wrong key ..." in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_an_empty_purse_stops_at_once(llm):
    llm.behave = lambda n, body: {
        "status": 429,
        "body": b'{"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}}',
    }
    with pytest.raises(YuhuError, match="YH511"):
        make_coder(llm, concurrency=1).code(batch(ZH))
    assert len(llm.requests) == 1


def test_redirects_are_not_followed(llm):
    with llm_server() as other:
        llm.behave = lambda n, body: {"status": 307, "headers": {"location": other.url + "/chat/completions"}, "body": b""}
        with pytest.raises(YuhuError, match="YH511") as caught:
            make_coder(llm, concurrency=1).code(batch(ZH))
        assert other.requests == []
    assert "not followed" in caught.value.facts["it says"]


def test_many_failures_in_a_row_stop_the_run_and_keep_what_is_done(llm, tmp_path):
    texts = [f"{ZH} {at}" for at in range(30)]
    llm.behave = lambda n, body: {} if n < 4 else {"status": 400, "body": b'{"error": {"message": "unknown parameter"}}'}
    with pytest.raises(YuhuError, match="5 requests in a row failed") as caught:
        make_coder(llm, codes="kind", concurrency=1, folder=tmp_path).code(batch(*texts))
    assert caught.value.code == "YH511"
    assert caught.value.facts["it says"].endswith("unknown parameter")
    assert len(llm.requests) == 4 + pace.GIVE_UP_AFTER
    llm.behave = lambda n, body: {}
    outcome = make_coder(llm, codes="kind", folder=tmp_path).code(batch(*texts))
    assert len(llm.requests) == 4 + pace.GIVE_UP_AFTER + 26
    assert outcome.codings.num_rows == 30


def test_failures_among_answers_do_not_stop_the_run(llm):
    texts = [f"{ZH} {at}" for at in range(15)]
    llm.behave = lambda n, body: {} if n % 5 == 4 else {"status": 400, "body": b"{}"}
    outcome = make_coder(llm, codes="kind", concurrency=1).code(batch(*texts))
    assert (outcome.codings.num_rows, outcome.failed.num_rows) == (3, 12)


def test_a_server_that_is_not_there():
    with llm_server() as gone:
        pass
    with pytest.raises(YuhuError, match="YH511") as caught:
        make_coder(gone, codes="kind", tries=2).code(batch(*[f"{ZH} {at}" for at in range(8)]))
    assert caught.value.facts["last error"] == "the connection broke"


def test_requests_per_minute(llm):
    clock = FakeClock()
    make_coder(llm, codes="kind", clock=clock, requests_per_minute=30, concurrency=1).code(batch(*[f"{ZH} {at}" for at in range(6)]))
    assert clock.time == pytest.approx(10)


def test_the_order_of_replies_does_not_matter(llm):
    texts = [f"{one} {at}" for at in range(12) for one in (ZH, EN, VISIT)]
    llm.behave = lambda n, body: {"wait_s": (n * 7 % 5) / 100}
    together = make_coder(llm, concurrency=12).code(batch(*texts))
    assert llm.most_at_once > 4
    llm.behave = lambda n, body: {}
    alone = make_coder(llm, concurrency=1).code(batch(*texts))
    for name in ("codings", "abstained", "failed"):
        assert getattr(together, name).equals(getattr(alone, name)), name


def test_runs_with_other_wordings_vote(llm):
    def behave(n, body):
        says = "1" if "judge messages" in body["messages"][0]["content"] or "Task: code" in body["messages"][0]["content"] else "0"
        return {
            "answer": by_rule(body)
            | {"hostility": {"value": says, "evidence": "thieves", "hostility.target": "museum", "hostility.form": "insult"}}
        }

    llm.behave = behave
    outcome = make_coder(llm, codes="hostility", repeats=3).code(batch(EN))
    assert len({body["messages"][0]["content"] for body in llm.requests}) == 3
    assert values(outcome, EN) == {"hostility": "1", "hostility.target": "museum", "hostility.form": "insult"}
    shares = {(row["code"], row["value_id"]): round(row["probability"], 4) for row in outcome.scores.to_pylist()}
    assert shares[("hostility", "1")] == 0.6667
    assert shares[("hostility.target", "museum")] == 0.6667


def test_a_seed_is_sent_and_differs_by_run(llm):
    make_coder(llm, codes="kind", repeats=2, seed=5, temperature="none", max_tokens="none", extra_body='{"top_k": 1}').code(batch(ZH))
    assert [body["seed"] for body in llm.requests] == [5, 6]
    assert all("temperature" not in body and "max_tokens" not in body and body["top_k"] == 1 for body in llm.requests)


def test_contexts_go_only_when_asked_for(llm):
    with_context = batch("thanks", "thanks!", parent=["她哭了 </text>", None], transcript=["line one", None])
    make_coder(llm, codes="kind").code(with_context)
    assert all(set(message_of(body)) == {"text"} for body in llm.requests)
    llm.requests.clear()
    coder = make_coder(llm, codes="kind", context="yes")
    assert coder.uses_context
    outcome = coder.code(with_context)
    first = next(message_of(body) for body in llm.requests if len(message_of(body)) > 1)
    assert first == {"text": "thanks", "answers_to": "她哭了 </text>", "spoken_nearby": "line one"}
    assert next(message_of(body) for body in llm.requests if len(message_of(body)) == 1) == {"text": "thanks!"}
    assert values(outcome, "thanks") == {"kind": "other"}


def test_evidence_out_of_the_context_is_none(llm):
    llm.rule = lambda body: by_rule(body) | {"affective_empathy": {"value": "1", "evidence": "哭", "affective_empathy.valence": "pain"}}
    llm.behave = lambda n, body: {"answer": by_rule(body) | {"kind": {"value": "expressing", "evidence": "哭"}}}
    outcome = make_coder(llm, codes="kind", context="yes").code(batch("me too", parent=["她哭了"], transcript=[None]))
    assert reasons(outcome, "me too") == {"kind": "the evidence is not in the text"}


def test_what_goes_over_the_wire(llm, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://192.0.2.1/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Account: account-secret")
    make_coder(llm, codes="kind").code(batch(ZH))
    [headers] = llm.headers
    assert set(headers) == {"host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent", "x-stainless-raw-response"}  # fmt: skip
    assert "secret" not in str(headers)
    monkeypatch.setenv("MINE", " sk-mine ")
    make_coder(llm, codes="kind", key_env="MINE").code(batch(ZH))
    assert llm.headers[-1]["authorization"] == "Bearer sk-mine"


def test_what_is_for_this_machine_takes_no_proxy(llm, monkeypatch):
    with llm_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        make_coder(llm, codes="kind").code(batch(ZH))
        assert proxy.requests == []
    assert len(llm.requests) == 1


def test_missing_usage_is_estimated_and_said(llm, tmp_path):
    llm.behave = lambda n, body: {"usage": None}
    heard = []
    with heard_by(heard.append):
        coder = make_coder(llm, codes="kind", folder=tmp_path)
        coder.code(batch(ZH))
    assert coder.used.estimated == 1
    assert coder.used.tokens_in > 500
    assert "tokens of 1 requests are estimated" in heard[-1]


@pytest.mark.parametrize("usage", [{"prompt_tokens": "many", "completion_tokens": -4}, {"prompt_tokens": 1e300}, [], "x", {"prompt_tokens": True, "completion_tokens": None}])  # fmt: skip
def test_usage_that_is_none(llm, usage):
    llm.behave = lambda n, body: {"usage": usage}
    coder = make_coder(llm, codes="kind")
    coder.code(batch(ZH))
    assert coder.used.estimated == 1


def test_ctrl_c_stops_at_once_and_loses_nothing(llm, tmp_path):
    texts = [f"{ZH} {at}" for at in range(12)]
    llm.behave = lambda n, body: {} if n < 5 else {"wait_s": 30}

    def stop(title, done, total):
        if done >= 5:
            raise KeyboardInterrupt

    start = time.monotonic()
    with shown_by(stop), pytest.raises(KeyboardInterrupt):
        make_coder(llm, codes="kind", concurrency=2, folder=tmp_path).code(batch(*texts))
    assert time.monotonic() - start < 5
    assert not [one for one in threading.enumerate() if one.name == "yuhu-llm"]
    asked = len(llm.requests)
    llm.behave = lambda n, body: {}
    outcome = make_coder(llm, codes="kind", folder=tmp_path).code(batch(*texts))
    assert outcome.codings.num_rows == 12
    assert len(llm.requests) - asked == 7


def test_it_runs_inside_a_running_loop(llm):
    import asyncio

    async def notebook():
        return make_coder(llm, codes="kind").code(batch(ZH))

    assert values(asyncio.run(notebook()), ZH) == {"kind": "expressing"}


def test_a_text_that_is_too_long_is_not_sent(llm):
    outcome = make_coder(llm, codes="kind").code(batch("哭" * 20_001))
    assert llm.requests == []
    assert reasons(outcome, "哭" * 20_001) == {"kind": "the text is longer than 20,000 characters"}


def test_reading_keeps_nothing_of_a_refusal():
    assert reading.REFUSED == "the model refused"
    assert server.read_reply(b'{"choices": [{"message": {"refusal": "no, because of X"}}]}').content == ""
