"""What the server serves to browsers: files, headers, and who may frame the window."""

import json
import re

import pytest
import requests

from bot.settings import Settings, WidgetSettings

ORIGINS = ["https://www.partner.example", "https://intranet.partner.example:8443"]


@pytest.fixture
def pages(serve):
    server = serve(settings=Settings(widget=WidgetSettings(origins=ORIGINS)))
    return lambda path, **headers: requests.get(server.address + path, headers=headers, timeout=10)


def test_only_listed_sites_may_frame_the_window(pages):
    policy = pages("/widget/frame").headers["Content-Security-Policy"]
    assert f"frame-ancestors 'self' {' '.join(ORIGINS)}" in policy
    assert pages("/").headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_the_window_runs_nothing_but_its_own_files(pages):
    answer = pages("/widget/frame")
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([\w-]+)'", policy)[1]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http:" not in policy
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert all(f'nonce="{nonce}"' in script or 'type="application/json"' in script for script in scripts)
    assert nonce not in pages("/widget/frame").headers["Content-Security-Policy"], "a nonce is used once"
    assert not re.search(r"\bstyle=|\bon\w+=", re.sub(r"<script.*?</script>", "", answer.text, flags=re.S))


def test_every_file_of_the_window_is_ours_and_is_kept_by_browsers(pages):
    found = re.findall(r'(?:src|href)="(/[^"]+)"', pages("/widget/frame").text)
    assert found
    for path in found:
        assert path.startswith("/widget/assets/")
        answer = pages(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_the_window_speaks_the_language_asked_for(pages):
    for path, headers, language in [
        ("/widget/frame?lang=nl", {}, "nl"),
        ("/widget/frame?lang=en", {"Accept-Language": "nl"}, "en"),
        ("/widget/frame", {"Accept-Language": "nl-BE,en;q=0.5"}, "nl"),
        ("/widget/frame", {"Accept-Language": "de,nl;q=0.1,en;q=0.9"}, "en"),
        ("/widget/frame?lang=fr", {"Accept-Language": "fr"}, "en"),
        ("/widget/frame?lang=<script>", {"Accept-Language": ";q=x,,nl;q=abc"}, "nl"),
    ]:
        answer = pages(path, **headers)
        assert f'<html lang="{language}">' in answer.text
        configuration = json.loads(re.search(r'id="configuration">(.*?)</script>', answer.text, re.S)[1])
        assert configuration["language"] == language
        assert configuration["origins"] == ORIGINS
        assert set(configuration["strings"]["en"]) == set(configuration["strings"]["nl"])


def test_the_launcher_knows_its_words_and_the_sites_that_may_show_it(pages):
    answer = pages("/widget.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "__LAUNCHER__" not in answer.text and ORIGINS[0] in answer.text
    assert len(answer.content) < 20_000


def test_every_answer_has_the_headers_that_keep_browsers_strict(pages):
    for path in ("/", "/?lang=nl", "/demo.css", "/widget.js", "/widget/frame", "/nope", "/widget/events"):
        headers = pages(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Content-Security-Policy"]
        assert "Set-Cookie" not in headers


def test_files_are_sent_compressed_to_browsers_that_take_it(pages):
    for path in ("/", "/widget.js", re.search(r'src="([^"]+)"', pages("/widget/frame").text)[1]):
        compressed, plain = pages(path), pages(path, **{"Accept-Encoding": "identity"})
        assert compressed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
        assert compressed.content == plain.content
        assert int(compressed.headers["Content-Length"]) < int(plain.headers["Content-Length"])
        assert compressed.headers["Vary"] == "Accept-Encoding"


def test_the_demo_page_embeds_the_widget_with_one_line_in_both_languages(pages):
    for language in ("en", "nl"):
        text = pages(f"/?lang={language}").text
        assert f'<html lang="{language}">' in text
        assert f'<script src="/widget.js" data-lang="{language}" defer></script>' in text


@pytest.mark.parametrize(
    "path",
    [
        "/nope", "/../bot/server.py", "/widget/assets/../widget.js", "/widget/assets/%2e%2e/widget.js", "/widget/assets/",
        "/widget/assets/..%2f..%2fpages.py", "/widget/assets/nope.js", "/webhooks/rest/webhook", "/model", "/status",
        "/conversations/x/tracker", "/socket.io/", "/channels.yml",
    ],
)  # fmt: skip
def test_nothing_else_is_served(pages, path):
    answer = pages(path)
    assert answer.status_code == 404
    assert answer.json()["message"] == "There is nothing at this address."
