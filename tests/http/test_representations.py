"""Representations: templates beside the schema, as `Accept` or `format` asks for them."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.cli import schema_templates
from api.config import Config
from api.document.media_types import Form
from api.operations import kinds
from api.operations.operation import Operation
from api.representations import offers
from api.representations.representation import Content, Offers, Representation
from api.representations.templates import FOLDER, Template
from tests.support import schema_templates as own_templates
from tests.support.databases import SCHEMAS, TestDatabase
from tests.support.problems import UNFIT_QUERY, assert_problem
from tests.support.serving import Serve, Serving

DOOR = "/door_lists/Savanna,1"
HTML, TEXT, EDI = "text/html; charset=utf-8", "text/plain; charset=utf-8", "application/edi-x12"
JSON = "application/json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


ASKED = (
    (DOOR, "*/*", JSON),
    (DOOR, "application/json, text/plain, */*", JSON),
    (DOOR, BROWSER, HTML),
    (DOOR, "text/*", HTML),
    (DOOR, "text/html;q=0.1, application/json;q=0.2", JSON),
    ("/doses/2.5", BROWSER, HTML),
    ("/doses/2.5", "text/plain", TEXT),
    ("/doses/2.5?format=txt", BROWSER, TEXT),
    (f"{DOOR}?format=html", JSON, HTML),
    (f"{DOOR}?format=json", BROWSER, JSON),
    ("/enclosures/Savanna,1", "application/edi-x12", EDI),
    ("/enclosures/Savanna,1?format=x12", "*/*", EDI),
    ("/enclosures/?format=csv", JSON, "text/csv; charset=utf-8; header=present"),
    ("/enclosures/?format=ndjson&limit=1", JSON, "application/x-ndjson"),
    ("/reporting/census/?format=csv", "*/*", "text/csv; charset=utf-8; header=present"),
    ("/reporting/census/?format=json", "text/csv", JSON),
)


async def test_answer_has_the_form_that_is_asked_for(menagerie_client: httpx.AsyncClient) -> None:
    for path, accept, media in ASKED:
        answer = await menagerie_client.get(path, headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (200, media), path
        head = await menagerie_client.head(path, headers={"accept": accept})
        assert (head.status_code, head.headers["content-type"]) == (200, media), path


async def test_without_accept_the_answer_is_json(menagerie_client: httpx.AsyncClient) -> None:
    request = menagerie_client.build_request("GET", DOOR)
    del request.headers["accept"]
    assert (await menagerie_client.send(request)).headers["content-type"] == JSON


OFFERED = (
    (DOOR, "json or html"),
    ("/doses/2.5", "json, txt or html"),
    ("/species/LEO", "json or html"),
    ("/doses/", "json, ndjson, csv or html"),
    ("/reporting/census/", "json, ndjson, csv or html"),
)


async def test_unknown_format_is_refused_with_those_that_there_are(
    menagerie_client: httpx.AsyncClient,
) -> None:
    for path, offered in OFFERED:
        answer = await menagerie_client.get(path, params={"format": "pdf"})
        fault = ("/format", f"must be {offered}")
        assert_problem(answer, "invalid-query", UNFIT_QUERY, fault)
        twice = await menagerie_client.get(f"{path}?format=json&format=json")
        assert_problem(twice, "invalid-query", UNFIT_QUERY, ("/format", "is given twice"))


async def test_other_form_is_refused_with_those_that_there_are(
    menagerie_client: httpx.AsyncClient,
) -> None:
    answer = await menagerie_client.get(DOOR, headers={"accept": "image/png"})
    sentence = "The answer is available as application/json or text/html."
    assert_problem(answer, "not-acceptable", sentence)


async def test_next_page_has_the_format_of_this_one(menagerie_client: httpx.AsyncClient) -> None:
    answer = await menagerie_client.get("/enclosures/?limit=1&format=json")
    following = answer.links["next"]["url"]
    assert "format=json" in following
    assert len((await menagerie_client.get(following)).json()) == 1


async def test_each_form_has_a_tag_of_its_own(menagerie_client: httpx.AsyncClient) -> None:
    tags = {}
    for media in (JSON, HTML):
        answer = await menagerie_client.get(DOOR, headers={"accept": media})
        tags[media] = answer.headers["etag"]
        asked = {"accept": media, "if-none-match": tags[media]}
        same = await menagerie_client.get(DOOR, headers=asked)
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tags[media])
        refused = await menagerie_client.get(DOOR, headers={"accept": media, "if-match": '"x"'})
        assert refused.status_code == 412
    assert tags[JSON] != tags[HTML]
    other = await menagerie_client.get(DOOR, headers={"accept": HTML, "if-none-match": tags[JSON]})
    assert other.status_code == 200


async def test_values_are_escaped_for_their_form(serve: Serve, menagerie: TestDatabase) -> None:
    service = await serve(Config(database_url=menagerie.api_url, connections=1))
    house = 'A*b~c:d^e <b>"ß\n極'
    menagerie.execute(
        f"INSERT INTO zoo.enclosure (house, number, length_m, width_m) VALUES ('{house}', 1, 2, 1)"
    )
    path = quote(f"{house},1", safe=",")
    page = await service.client.get(f"/door_lists/{path}", params={"format": "html"})
    assert "<h1>A*b~c:d^e &lt;b&gt;&#34;ß\n極, 1</h1>" in page.text
    segments = await service.client.get(f"/enclosures/{path}", params={"format": "x12"})
    assert segments.text.split("~")[0] == 'N1*ZZ*A B C D E <B>"SS JI*1*'


async def test_past_of_a_row_has_its_forms(menagerie_client: httpx.AsyncClient) -> None:
    past = {"as_of": "2001-01-01T00:00:00Z", "format": "txt"}
    early = await menagerie_client.get("/doses/2.5", params=past)
    assert_problem(early, "not-found", "The audit trail begins later than `as_of`.")


async def test_templates_of_each_schema_pass_the_trial(both: Serving) -> None:
    names = {relation.name for relation in both.catalog.relations}
    schema = "billing" if "superbills" in names else "menagerie"
    config = Config(schema_dir=SCHEMAS[schema])
    assert len(schema_templates.load(config, both.catalog)) > 0


async def test_each_row_of_the_samples_has_each_representation(both: Serving) -> None:
    seen = 0
    for template in own_templates.of(both.catalog, Config().schema_dir):
        (relation,) = (one for one in both.catalog.relations if one.name == template.relation)
        for row in (await both.client.get(f"/{template.relation}/")).json():
            key = ",".join(quote(str(row[name]), safe="") for name in relation.key)
            accept = {"accept": template.representation.form.media_type}
            answer = await both.client.get(f"/{template.relation}/{key}", headers=accept)
            assert (answer.status_code, answer.text != "") == (200, True)
            seen += 1
    assert seen > 1


async def test_template_that_fails_on_a_row_is_an_internal_error_without_values(
    serve: Serve, menagerie: TestDatabase, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FOLDER).mkdir()
    text = "{{ house }}\n{{ 1 / (number - 7) + house | int }}\n"
    (tmp_path / FOLDER / "enclosures.txt").write_text(text, encoding="utf-8")
    service = await serve(
        Config(database_url=menagerie.api_url, connections=1, schema_dir=tmp_path)
    )
    path = "/enclosures/100%25%20%22dry%22%20house%3F,7"
    with caplog.at_level(logging.WARNING):
        answer = await service.client.get(path, headers={"accept": "text/plain"})
    sentence = "An internal error occurred. The server's log has details for `instance`."
    assert_problem(answer, "internal-error", sentence)
    said = [record.getMessage() for record in caplog.records]
    place = f"{tmp_path.name}/representations/enclosures.txt:2: ZeroDivisionError"
    assert said == [f"{place} in {answer.json()['instance']}"]


async def test_list_and_report_can_have_representations(
    serve: Serve, menagerie: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As generic pages have; templates are for single rows."""

    def render(content: Content) -> bytes:
        place = f"{content.path}?{content.query} {content.following.partition('&after')[0]}"
        return f"{content.text[:2]} {place}".encode()

    form = Form("lines", "text/x-lines", "Lines.")
    more = (Representation(form, "text/x-lines", render),)
    build: Callable[[Sequence[Operation], Sequence[Template]], Offers] = offers.build

    def with_lines(operations: Sequence[Operation], own: Sequence[Template]) -> Offers:
        added = {o: more for o in operations if o.kind in (kinds.LIST, kinds.REPORT)}
        return {**build(operations, own), **added}

    monkeypatch.setattr(offers, "build", with_lines)
    service = await serve(Config(database_url=menagerie.api_url, connections=1))
    found: dict[str, Any] = {
        "/animals/?limit=1&format=lines": "[{ /animals/?limit=1&format=lines"
        " /animals/?limit=1&format=lines",
        "/reporting/census/?format=lines": "[{ /reporting/census/?format=lines ",
    }
    for path, text in found.items():
        answer = await service.client.get(path)
        assert (answer.text, answer.headers["content-type"]) == (text, "text/x-lines")
        tag = {"if-none-match": answer.headers["etag"]}
        assert (await service.client.get(path, headers=tag)).status_code == 304
    assert "link" in (await service.client.get("/animals/?limit=1&format=lines")).headers
