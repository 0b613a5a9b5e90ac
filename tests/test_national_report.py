"""The report in Word: every number as it was computed, every doubt beside it, in the direction of its language."""

from __future__ import annotations

import re
import shutil
import unicodedata
import zipfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from gbf_workbench import locales
from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.pipeline import compute, load
from gbf_workbench.reporting.files import csv_text
from gbf_workbench.reporting.national_report import report
from gbf_workbench.reporting.writing_direction import stretches

ARUVIA = Path(__file__).resolve().parent.parent / "data_samples" / "aruvia"
CODES = ("A.2", "A.3", "3.1")
HEDGES = "3f2b8a54-7c1d-4e7a-9b0a-1d2c3e4f5a6b"
RANGERS = "11111111-2222-4333-8444-555555555555"
ARABIC = re.compile("[\u0600-\u06ff]")


@pytest.fixture(scope="module")
def aruvia(tmp_path_factory):
    """The sample country with the data of three indicators."""
    folder = tmp_path_factory.mktemp("sample") / "aruvia"
    for name in ("frame", *(spec_of(code).slug for code in CODES)):
        shutil.copytree(ARUVIA / name, folder / name)
    shutil.copy(ARUVIA / "country.yml", folder)
    return folder


@pytest.fixture(scope="module")
def computed(aruvia):
    """What the pipeline gives for each indicator of the country."""
    tables = {code: load(code, aruvia) for code in CODES}
    results = {code: compute(code, tables[code]) for code in CODES}
    return {results[code].spec.slug: (results[code], tables[code]) for code in CODES}


@pytest.fixture(scope="module")
def written(aruvia, computed, tmp_path_factory):
    return report(aruvia, tmp_path_factory.mktemp("report") / "aruvia.docx", language="en", results=computed)


@pytest.fixture(scope="module")
def document(written):
    return docx.Document(written.path)


@pytest.fixture
def country(tmp_path):
    """A small country with two indicators of its own: one with numbers, one with none."""
    folder = tmp_path / "small"
    for code, rows in {
        HEDGES: "2020,1234.5,,,1200,1300\n2022,1250,,,1210,1310\n"
        "2022,0,Province,أرض الشمال,,\n2022,7,Province,West,,\n",
        RANGERS: "2020,3,,,,\n2021,,,,,\n",
    }.items():
        place = folder / "national" / code
        place.mkdir(parents=True)
        head = "year,value,disaggregation_type,disaggregation,lower,upper\n"
        (place / "indicator_values.csv").write_text(head + rows, encoding="utf-8")
    (folder / "country.yml").write_text(
        "format: 1\ncode: XAR\nname: {en: Aruvia, ar: أروفيا}\nnational_indicators:\n"
        f"  - {{code: {HEDGES}, name: {{en: Length of hedgerows}}, unit: km, targets: [T10]}}\n"
        f"  - {{code: {RANGERS}, name: {{en: Rangers}}, unit: people}}\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def every_language(monkeypatch):
    """All languages, with English sentences: what is looked at is numbers and directions."""
    monkeypatch.setattr(locales, "languages", lambda: ["en", "fr", "es", "ar"])
    monkeypatch.setattr(locales, "texts", lambda language: locales.source_texts())


def words(element):
    return "".join(node.text or "" for node in element.iter(qn("w:t")))


def headline_rows(document):
    """The cells of the first table, its head apart."""
    return [[cell.text.replace("\u00a0", " ") for cell in row.cells] for row in document.tables[0].rows][1:]


def pages(document):
    """Everything under each heading of the first order, in order."""
    found = {}
    name = ""
    for block in document.element.body:
        style = block.find(f".//{qn('w:pStyle')}")
        if block.tag == qn("w:p") and style is not None and style.get(qn("w:val")) == "Heading1":
            name = words(block)
        found.setdefault(name, []).append(block)
    return found


def page_of(document, start):
    return next(blocks for name, blocks in pages(document).items() if name.startswith(start))


def said_on(document, start):
    return "\n".join(words(paragraph) for block in page_of(document, start) for paragraph in block.iter(qn("w:p")))


def newest_total(result):
    """The newest undivided row in the indicator's own unit, found one by one."""
    rows = [row for row in result.data.to_dict("records") if not row["disaggregation_type"]]
    return max((row for row in rows if row["unit"] == result.spec.unit), key=lambda row: row["year"])


def rounded_as(shown, value):
    """Whether a number that is shown is the value, rounded to as many places as are shown."""
    plain = shown.replace(",", "")
    places = len(plain.partition(".")[2])
    return abs(float(plain) - value) <= 0.5 * 10**-places * (1 + 1e-9)


def test_the_headline_table_says_the_newest_national_number_of_each_result(document, computed):
    rows = headline_rows(document)
    assert [row[0] for row in rows] == list(CODES)
    for row, (result, _) in zip(rows, computed.values(), strict=True):
        newest = newest_total(result)
        assert row[2] == str(newest["year"])
        assert rounded_as(row[3].split()[0], newest["value"])
        limits = re.findall(r"[\d.,]+\d", row[4])
        assert len(limits) == (0 if newest["lower"] != newest["lower"] else 2)
        for shown, end in zip(limits, ("lower", "upper"), strict=False):
            assert rounded_as(shown, newest[end])


def test_the_numbers_are_those_of_the_results_file(document, computed):
    for row, (result, _) in zip(headline_rows(document), computed.values(), strict=True):
        lines = csv_text(result.data, result.spec.slug).splitlines()
        cells = [line.split(",") for line in lines if f",{row[2]},,," in line and f",{result.spec.unit}," in line]
        assert len(cells) == 1
        assert rounded_as(row[3].split()[0], float(cells[0][5]))


def test_each_page_repeats_its_number_with_maturity_recipe_and_method(document, computed):
    for row, (result, _) in zip(headline_rows(document), computed.values(), strict=True):
        said = said_on(document, row[0])
        assert row[3].split()[0] in said
        assert result.recipe in said
        assert f"{result.spec.maturity}: " in said
        assert " ".join(result.spec.evidence.split()) in said
        assert result.spec.method["source"].strip() in said
        assert f"version {result.spec.method['version']}" in said
        assert result.spec.said("uncertainty.text", "en").strip() in said


def test_every_maturity_word_is_explained_and_stands_in_the_headline_table(document, computed):
    reading = said_on(document, "How to read")
    assert all(f"{word}: " in reading for word in ("reproduced", "hand-checked", "provisional"))
    assert [row[5] for row in headline_rows(document)] == [result.spec.maturity for result, _ in computed.values()]


def test_every_doubt_is_on_the_page_and_counted_in_the_headline_table(document, computed):
    for row, (result, _) in zip(headline_rows(document), computed.values(), strict=True):
        said = said_on(document, row[0])
        raw = locales.read_yaml(locales.PACKAGE / "indicators" / f"{result.spec.slug}.yml").get("doubts", {})
        assert int(row[6]) == len(result.issues) + len(raw)
        assert all(" ".join(doubt.split()) in said for doubt in raw.values())
        shown = [issue for issue in result.issues if issue.sentence("en") in said]
        assert len(shown) == min(len(result.issues), 12)


def test_every_file_is_named_with_the_beginning_of_its_sha256(document, computed):
    for row, (result, _) in zip(headline_rows(document), computed.values(), strict=True):
        said = said_on(document, row[0])
        for file in result.provenance.inputs:
            assert file.name in said
            assert file.sha256[:12] in said


def test_settings_that_are_not_the_proposed_ones_are_named(document):
    assert "last_year = 2024 (proposed: 0)" in said_on(document, "3.1")
    assert "All settings are those the workbench proposes." in said_on(document, "A.3")


def test_every_picture_is_described_and_has_a_numbered_caption(document):
    shapes = document.inline_shapes
    assert len(shapes) == 5, "three charts, two maps"
    assert all(len(shape._inline.docPr.get("descr")) > 20 for shape in shapes)
    captions = [paragraph.text for paragraph in document.paragraphs if paragraph.text.startswith("Figure")]
    assert [caption.split()[1] for caption in captions] == ["1.", "2.", "3.", "4.", "5."]


def test_beside_every_map_stand_the_source_of_the_boundary_and_that_it_implies_no_opinion(document, computed):
    drawn = 0
    for row, (result, tables) in zip(headline_rows(document), computed.values(), strict=True):
        said = said_on(document, row[0])
        pictures = sum(len(list(block.iter(qn("wp:docPr")))) for block in page_of(document, row[0]))
        has_map = bool(result.spec.map)
        drawn += has_map
        assert pictures == 1 + has_map
        assert ("imply no opinion on the status" in said) == has_map
        if has_map:
            assert all(source in said for source in tables.country.frame.sources.values())
    assert drawn == 2


def test_it_says_at_once_that_it_is_not_official(document):
    first = "\n".join(paragraph.text for paragraph in document.paragraphs[:6])
    assert "working document" in first
    assert "from the country's own data" in first
    assert "not an official document" in first
    assert "working document" in document.sections[0].header.paragraphs[0].text


def test_no_author_is_invented_and_the_hour_is_that_of_the_numbers(written, document, computed):
    facts = document.core_properties
    assert facts.author == facts.last_modified_by == facts.comments == ""
    assert "Aruvia" in facts.title
    newest = max(result.provenance.computed_at for result, _ in computed.values())
    assert facts.created.isoformat()[:19] == newest[:19]
    assert not any("thumbnail" in name or name.endswith("app.xml") for name in zipfile.ZipFile(written.path).namelist())


def test_the_sheet_is_a4_and_nothing_is_wider_than_its_text(document):
    section = document.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    width = section.page_width - section.left_margin - section.right_margin
    assert all(shape.width <= width for shape in document.inline_shapes)
    for table in document.tables:
        assert sum(column.width for column in table.columns) <= width + 635 * len(table.columns), (
            "widths are rounded to twips"
        )


def test_heads_of_tables_repeat_and_no_row_is_torn(document):
    for table in document.tables:
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
        assert all(row._tr.find(f".//{qn('w:cantSplit')}") is not None for row in table.rows)


def test_pages_are_numbered_and_each_indicator_begins_on_its_own(document):
    fields = [node.text.strip() for node in document.sections[0].footer._element.iter(qn("w:instrText"))]
    assert fields == ["PAGE", "NUMPAGES"]
    for code in CODES:
        assert page_of(document, code)[0].find(f".//{qn('w:pageBreakBefore')}") is not None


def test_the_same_results_give_the_same_bytes(aruvia, computed, written, tmp_path):
    again = report(aruvia, tmp_path, language="en", results=computed)
    assert again.path.name == "report_XAR_en.docx"
    assert again.path.read_bytes() == written.path.read_bytes()


def test_it_computes_by_itself_what_it_is_not_given(country, tmp_path):
    done = report(country, tmp_path / "own.docx")
    assert done.done == (HEDGES, RANGERS)
    assert done.failed == ()
    rows = headline_rows(docx.Document(done.path))
    assert [row[1:5] for row in rows] == [
        ["Length of hedgerows", "2022", "1,250 km", "(1,210 to 1,310)"],
        ["Rangers", "2021", "missing", "–"],
    ]


def test_a_value_that_is_not_there_is_said_in_words_and_a_zero_stays_a_zero(country, tmp_path):
    document = docx.Document(report(country, tmp_path / "own.docx").path)
    assert "missing" in said_on(document, RANGERS[:8])
    parts = next(table for table in document.tables if table.cell(0, 0).text == "Breakdown")
    assert [[row.cells[1].text, row.cells[3].text] for row in parts.rows][1:] == [["West", "7"], ["أرض الشمال", "0"]]


def test_an_indicator_that_fails_is_named_with_its_reasons_and_given_back(country, tmp_path):
    (country / "red_list_index").mkdir()
    (country / "red_list_index" / "red_list_assessments.csv").write_text("species,year\nx,y\n")
    done = report(country, tmp_path / "own.docx")
    [line] = done.failed
    code, _, reasons = line.partition(": ")
    assert code == "A.3"
    document = docx.Document(done.path)
    said = said_on(document, "Indicators without a number").replace("\n", " ")
    assert "A.3" in said
    assert all(reason in said for reason in reasons.splitlines())
    assert "“y” is not a year" in reasons
    first = "\n".join(paragraph.text for paragraph in document.paragraphs[:8])
    assert "could be computed: A.3" in first
    assert not any(name.startswith("A.3") for name in pages(document))


def test_what_has_no_data_is_listed(country, tmp_path):
    said = said_on(docx.Document(report(country, tmp_path / "own.docx").path), "Indicators without a number")
    assert all(code in said for code in CODES)


def test_many_findings_are_counted_and_no_kind_is_crowded_out(country, tmp_path):
    tables = load(HEDGES, country)
    many = [Issue("repair", "check.trimmed", value=f"value {i}", rows=(i,)) for i in range(2, 32)]
    last = Issue("flag", "check.unused_columns", {"names": "the only one of its kind"})
    result = replace(compute(HEDGES, tables), issues=(*many, last))
    document = docx.Document(report(country, tmp_path / "own.docx", results={HEDGES: (result, tables)}).path)
    said = said_on(document, HEDGES[:8])
    assert said.count("Repaired: ") == 11
    assert "the only one of its kind" in said
    assert "left out here: 19" in said
    assert headline_rows(document)[0][6] == "31"


def test_more_parts_than_fit_are_counted(country, tmp_path):
    rows = "\n".join(f"2022,{i},Province,P{i},," for i in range(1, 21))
    head = "year,value,disaggregation_type,disaggregation,lower,upper\n2022,210,,,,\n"
    (country / "national" / HEDGES / "indicator_values.csv").write_text(f"{head}{rows}\n")
    tables = load(HEDGES, country)
    result = compute(HEDGES, tables)
    result = replace(result, spec=replace(result.spec, chart={"kind": "line", "by": "Province"}))
    document = docx.Document(report(country, tmp_path / "own.docx", results={HEDGES: (result, tables)}).path)
    parts = next(table for table in document.tables if table.cell(0, 0).text == "Breakdown")
    assert [row.cells[1].text for row in parts.rows][1:] == [f"P{i}" for i in range(20, 8, -1)]
    assert "8 smaller parts are left out" in said_on(document, HEDGES[:8])


@pytest.mark.usefixtures("every_language")
@pytest.mark.parametrize(
    ("language", "thousands", "decimals"),
    [("en", "12,345", "12.5"), ("fr", "12\u202f345", "12,5"), ("es", "12.345", "12,5"), ("ar", "12,345", "12.5")],
)
def test_numbers_are_written_the_way_of_the_language(language, thousands, decimals, country, tmp_path):
    for code, value in ((HEDGES, "12345"), (RANGERS, "12.5")):
        (country / "national" / code / "indicator_values.csv").write_text(f"year,value\n2022,{value}\n")
    rows = headline_rows(docx.Document(report(country, tmp_path / "own.docx", language=language).path))
    assert [row[3].split(" ")[0].strip("\u200e") for row in rows] == [thousands, decimals]


@pytest.mark.usefixtures("every_language")
def test_in_arabic_every_paragraph_and_table_runs_from_right_to_left(country, tmp_path):
    document = docx.Document(report(country, tmp_path / "own.docx", language="ar").path)
    section = document.sections[0]
    assert section._sectPr.find(qn("w:bidi")) is not None
    for story in (document.element.body, section.header._element, section.footer._element):
        for paragraph in story.iter(qn("w:p")):
            assert paragraph.pPr.find(qn("w:bidi")) is not None
    assert all(table._tbl.tblPr.find(qn("w:bidiVisual")) is not None for table in document.tables)
    arabic = [run for run in document.element.body.iter(qn("w:r")) if ARABIC.search(words(run))]
    assert any("أروفيا" in words(run) for run in arabic)
    assert all(run.rPr.find(qn("w:rtl")) is not None for run in arabic)
    assert document.styles.element.find(f".//{qn('w:lang')}").get(qn("w:bidi")).startswith("ar")


def test_in_english_nothing_runs_from_right_to_left_but_arabic_names(country, tmp_path):
    document = docx.Document(report(country, tmp_path / "own.docx", language="en").path)
    assert document.element.body.find(f".//{qn('w:bidi')}") is None
    turned = [words(run) for run in document.element.body.iter(qn("w:r")) if run.find(f".//{qn('w:rtl')}") is not None]
    assert turned == ["أرض الشمال"]


@given(st.text(alphabet="ab A.3_()،ا ب ج 12%", max_size=40), st.booleans())
def test_stretches_keep_every_letter_and_part_the_two_directions(said, leftwards):
    found = stretches(said, leftwards)
    assert "".join(part for part, _ in found) == said
    assert all(one[1] != other[1] for one, other in pairwise(found))
    for part, way in found:
        if not way:
            assert not ARABIC.search(re.sub("[،؛؟]", "", part))


@pytest.mark.parametrize("name", ["2020_map.tif", "0af3b2c1d4e5", "doi:10.1371/journal.pone.0000140", "A.3"])
def test_names_of_files_and_codes_stay_in_one_piece_within_arabic(name):
    assert (name, False) in stretches(f"الملف {name}، ثم غيره", True)


def test_control_characters_and_marks_of_xml_do_no_harm(country, tmp_path):
    settings = (country / "country.yml").read_text(encoding="utf-8")
    (country / "country.yml").write_text(settings.replace("en: Aruvia", 'en: "A\\x07ru <via> & Co"'), encoding="utf-8")
    document = docx.Document(report(country, tmp_path / "own.docx").path)
    assert document.paragraphs[0].text == "Biodiversity indicators of Aru <via> & Co"
    assert not any(unicodedata.category(letter) == "Cc" for letter in document.paragraphs[0].text)


def test_a_result_of_another_country_is_refused(country, computed, tmp_path):
    result, tables = computed["red_list_index"]
    other = replace(result, provenance=replace(result.provenance, area="XAX"))
    with pytest.raises(WorkbenchError, match="is of XAX, not of XAR"):
        report(country, tmp_path / "own.docx", results={"red_list_index": (other, tables)})
    with pytest.raises(WorkbenchError, match="cannot compute"):
        report(country, tmp_path / "own.docx", results={"red_list": (result, tables)})


def test_a_mistyped_setting_is_refused_before_anything_is_written(country, tmp_path):
    with (country / "country.yml").open("a", encoding="utf-8") as file:
        file.write("settings: {red_list_indx: {seed: 3}}\n")
    with pytest.raises(WorkbenchError, match="red_list_indx"):
        report(country, tmp_path / "own.docx")
    assert not (tmp_path / "own.docx").exists()


def test_a_folder_that_is_no_country_is_refused(tmp_path):
    with pytest.raises(WorkbenchError, match=r"holds no country\.yml"):
        report(tmp_path, tmp_path / "own.docx")


def test_a_place_that_cannot_be_written_to_is_said_in_a_sentence(country, tmp_path):
    (tmp_path / "taken.docx").mkdir()
    with pytest.raises(WorkbenchError, match="could not be written"):
        report(country, tmp_path / "taken.docx")
