"""Word documents as the workbench writes them: A4, real headings, described pictures, in either direction."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gbf_workbench.locales import direction, text
from gbf_workbench.reporting.writing_direction import held_together, stretches

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

#: Families for Latin, right-to-left and Chinese letters; every office program has them or a twin of the same widths.
FONTS = {"ascii": "Arial", "hAnsi": "Arial", "cs": "Arial", "eastAsia": "Noto Sans CJK SC"}
WIDTH_CM = 17.0
#: What a letter of a table takes, what stands empty in a cell, and the longest word that is not broken, in cm.
LETTER_CM, EDGES_CM, LONGEST_CM = 0.185, 0.42, 4.5
INK, GREY, SHADE, LINE = "1F3B4D", "555555", "E8EEF2", "B5C1C9"
#: Style, points, bold, colour, points before and after.
_LOOKS = (
    ("Normal", 9.5, False, "1A1A1A", 2, 4), ("Title", 24, True, INK, 0, 4), ("Subtitle", 12, False, GREY, 0, 10),
    ("Heading 1", 16, True, INK, 16, 5), ("Heading 2", 11, True, INK, 8, 2), ("Caption", 8.5, False, GREY, 4, 5),
    ("List Bullet", 8.5, False, "1A1A1A", 0, 1), ("Header", 8.5, False, GREY, 0, 0), ("Footer", 8.5, False, GREY, 0, 0),
    ("Number", 15, True, INK, 2, 3), ("Small", 8.5, False, GREY, 4, 5), ("Cell", 8.5, False, "1A1A1A", 1, 1),
    ("Boxed", 9.5, True, "1A1A1A", 4, 6),
)  # fmt: skip
_OWN_STYLES = ("Number", "Small", "Cell", "Boxed")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_AFTER_BIDI = tuple(
    f"w:{name}" for name in (
        "adjustRightInd", "snapToGrid", "spacing", "ind", "contextualSpacing", "mirrorIndents", "suppressOverlap", "jc",
        "textDirection", "textAlignment", "textboxTightWrap", "outlineLvl", "divId", "cnfStyle", "rPr", "sectPr",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Paper:
    """A document that is being written, its language, and how many figures and tables it has so far."""

    document: Document
    language: str
    counted: Counter[str] = field(default_factory=Counter)

    @property
    def leftwards(self) -> bool:
        """Whether its language is written from right to left."""
        return direction(self.language) == "rtl"


def new_paper(language: str, *, title: str, running_head: str, made: datetime) -> Paper:
    """An empty A4 document with its styles, running head, page numbers and properties."""
    import docx

    paper = Paper(docx.Document(), language)
    _drop_template_parts(paper.document)
    _set_styles(paper)
    _set_properties(paper, title, made)
    _set_page(paper, running_head)
    return paper


def _drop_template_parts(document: Document) -> None:
    """Leave out what came with the template and is not true of this document: preview, program, second style sheet."""
    from docx.oxml.ns import qn

    package = document.part.package
    for owner in (package, document.part):
        for key, link in list(owner.rels.items()):
            if link.reltype.endswith(("/thumbnail", "/extended-properties", "/stylesWithEffects", "/customXml")):
                owner.rels.pop(key)
    # Word 2010 and its older twins are asked to behave as themselves, later ones not to play Word 2010.
    mode = document.settings.element.xpath('.//w:compatSetting[@w:name="compatibilityMode"]')[0]
    mode.set(qn("w:val"), "15")
    for style in [one for one in document.styles if one.type == 3 and one.name != "Normal Table"]:
        style.delete()


def _set_styles(paper: Paper) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn

    styles = paper.document.styles
    for name in _OWN_STYLES:
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    for fonts in list(styles.element.iter(qn("w:rFonts"))):
        fonts.attrib.clear()
        for script, family in FONTS.items():
            fonts.set(qn(f"w:{script}"), family)
    for look in _LOOKS:
        _set_style(styles[look[0]], *look[1:])
    tongue = next(styles.element.iter(qn("w:lang")))
    full = _with_region(paper.language)
    tongue.set(qn("w:val"), "en-GB" if paper.leftwards else full)
    tongue.set(qn("w:eastAsia"), full if paper.language == "zh" else "zh-CN")
    tongue.set(qn("w:bidi"), full if paper.leftwards else "ar-SA")


def _set_style(style: Any, points: float, bold: bool, colour: str, before: float, after: float) -> None:
    """Size and weight twice: right-to-left letters have settings of their own."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    font = style.font
    properties = style.element.get_or_add_rPr()
    for tag in ("w:szCs", "w:spacing", "w:kern"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    font.size, font.bold, font.cs_bold, font.italic, font.cs_italic = Pt(points), bold, bold, False, False
    font.color.rgb = RGBColor.from_string(colour)
    again = OxmlElement("w:szCs")
    again.set(qn("w:val"), str(round(2 * points)))
    properties.find(qn("w:sz")).addnext(again)
    for rule in style.element.findall(f".//{qn('w:pBdr')}"):
        rule.getparent().remove(rule)
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.08
    form.widow_control = True


def _with_region(language: str) -> str:
    """The language with the region it is most used in, as office programs name their dictionaries.

    >>> _with_region("fr")
    'fr-FR'
    """
    from babel.core import get_global

    parts = get_global("likely_subtags").get(language, language).split("_")
    return f"{parts[0]}-{parts[-1]}" if len(parts) > 1 else language


def _set_properties(paper: Paper, title: str, made: datetime) -> None:
    facts = paper.document.core_properties
    facts.title, facts.subject = clean(title)[:255], text("report.subtitle", paper.language)[:255]
    facts.author = facts.last_modified_by = facts.comments = facts.keywords = ""
    facts.language, facts.created, facts.modified, facts.revision = paper.language, made, made, 1


def _set_page(paper: Paper, running_head: str) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    section = paper.document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm((21 - WIDTH_CM) / 2)
    section.top_margin, section.bottom_margin = Cm(2), Cm(1.8)
    section.header_distance = section.footer_distance = Cm(1)
    if paper.leftwards:
        section._sectPr.insert_element_before(OxmlElement("w:bidi"), "w:rtlGutter", "w:docGrid")
    write(paper, section.header.paragraphs[0], running_head)
    foot = section.footer.paragraphs[0]
    for part in re.split(r"(\{page\}|\{pages\})", text("report.page", paper.language)):
        if part in ("{page}", "{pages}"):
            _field(paper, foot, "PAGE" if part == "{page}" else "NUMPAGES", "1")
        elif part:
            write(paper, foot, part)


def clean(words: str) -> str:
    """Text without the characters that no Word file may hold."""
    return _NOT_IN_XML.sub("", words)


def unbroken(words: str) -> str:
    """Text whose words stay on one line, as the two ends of an interval should."""
    return words.replace(" ", "\u00a0")


def write(paper: Paper, paragraph: Paragraph, words: str, *, bold: bool = False) -> None:
    """Add text to a paragraph, each stretch in its direction."""
    for stretch, leftwards in stretches(clean(words), paper.leftwards):
        if paper.leftwards and not leftwards:
            stretch = held_together(stretch)
        run = paragraph.add_run(stretch)
        if bold:
            run.bold = run.font.cs_bold = True
        if leftwards:
            run.font.rtl = True


def add_text(paper: Paper, words: str, style: str = "Normal", *, lead: str = "", keep: bool = False) -> Paragraph:
    """A paragraph; ``lead`` stands before it in bold, ``keep`` holds it on the page of what follows."""
    paragraph = paper.document.add_paragraph(style=style)
    if lead:
        write(paper, paragraph, f"{lead} ", bold=True)
    write(paper, paragraph, words)
    paragraph.paragraph_format.keep_with_next = keep or None
    return paragraph


def add_heading(paper: Paper, words: str, level: int = 1, *, new_page: bool = False) -> None:
    """A real heading; it never stands alone at the foot of a page."""
    paragraph = paper.document.add_paragraph(style=f"Heading {level}")
    write(paper, paragraph, words)
    paragraph.paragraph_format.keep_with_next = True
    if new_page:
        paragraph.paragraph_format.page_break_before = True
        paragraph.paragraph_format.space_before = 0


def add_picture(paper: Paper, png: bytes, width_cm: float, *, words: str, caption: str) -> None:
    """A picture with its description for those who do not see it, and its numbered caption on the same page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    paragraph = paper.document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_after = 0
    picture = paragraph.add_run().add_picture(io.BytesIO(png), width=Cm(width_cm))
    picture._inline.docPr.set("descr", clean(words))
    _caption(paper, "figure", caption)


def _caption(paper: Paper, kind: str, words: str, *, keep: bool = False) -> None:
    """A caption whose number Word counts by itself."""
    paragraph = paper.document.add_paragraph(style="Caption")
    paper.counted[kind] += 1
    before, _, after = text(f"report.numbered.{kind}", paper.language).partition("{number}")
    write(paper, paragraph, before, bold=True)
    _field(paper, paragraph, f"SEQ {kind.capitalize()} \\* ARABIC", str(paper.counted[kind]), bold=True)
    write(paper, paragraph, after, bold=True)
    write(paper, paragraph, f" {words}")
    paragraph.paragraph_format.keep_with_next = keep or None


def _field(paper: Paper, paragraph: Paragraph, instruction: str, shown: str, *, bold: bool = False) -> None:
    """A number that the office program works out; ``shown`` stands there until it does."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for part in ("begin", "instruction", "separate", "shown", "end"):
        run = paragraph.add_run(shown if part == "shown" else "")
        run.bold = run.font.cs_bold = bold or None
        run.font.rtl = paper.leftwards or None
        if part == "instruction":
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = f" {instruction} "
            run._r.append(element)
        elif part != "shown":
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), part)
            run._r.append(element)


def add_table(
    paper: Paper,
    heads: str,
    shares: Mapping[str, float],
    rows: Sequence[Sequence[str]],
    *,
    caption: str,
    numeric: Sequence[str] = (),
) -> None:
    """A table across the page: its head repeats on each page, no row is torn, columns that are empty are left out.

    Parameters
    ----------
    heads : str
        Key of the texts that hold the heads of the columns.
    shares : mapping of str to float
        The columns by name, with their share of the width.
    numeric : sequence of str
        Columns whose cells end at the same edge.
    """
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    kept = [(at, name) for at, name in enumerate(shares) if any(row[at] for row in rows)]
    lines = [[text(f"{heads}.{name}", paper.language) for _, name in kept]]
    lines += [[clean(row[at]) for at, _ in kept] for row in rows]
    widths = [Cm(width) for width in _widths([shares[name] for _, name in kept], lines)]
    _caption(paper, "table", caption, keep=True)
    table = paper.document.add_table(len(rows) + 1, len(kept))
    _frame_table(paper, table)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for i, line in enumerate(lines):
        _set_row(table.rows[i]._tr, head=i == 0)
        for cell, width, words, (_, name) in zip(table.rows[i].cells, widths, line, kept, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph.style = paper.document.styles["Cell"]
            if name in numeric:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            paragraph.paragraph_format.keep_with_next = ((i < 2 or i == len(rows) - 1) and i < len(rows)) or None
            write(paper, paragraph, words, bold=i == 0)
            if i == 0:
                cell._tc.get_or_add_tcPr().append(_shade())


def _widths(shares: Sequence[float], lines: Sequence[Sequence[str]]) -> list[float]:
    """Widths [cm] by share, but none so narrow that a word of the column is broken, as long as there is room."""
    least = []
    for column in zip(*lines, strict=True):
        longest = max(len(word) for cell in column for word in cell.split(" "))
        least.append(min(LETTER_CM * longest, LONGEST_CM) + EDGES_CM)
    wished = [WIDTH_CM * share / sum(shares) for share in shares]
    spare = [max(0.0, wish - need) for wish, need in zip(wished, least, strict=True)]
    room = max(0.0, WIDTH_CM - sum(least)) / (sum(spare) or 1.0)
    found = [need + room * more for need, more in zip(least, spare, strict=True)]
    return [WIDTH_CM * width / sum(found) for width in found]


def _frame_table(paper: Paper, table: Table) -> None:
    """Thin lines between the rows, widths that do not move, and the first column where reading begins."""
    from docx.enum.table import WD_TABLE_DIRECTION
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    table.autofit = False
    if paper.leftwards:
        table.table_direction = WD_TABLE_DIRECTION.RTL
    line = f'w:val="single" w:sz="4" w:space="0" w:color="{LINE}"'
    lines = "".join(f"<w:{side} {line}/>" for side in ("top", "bottom", "insideH"))
    borders = parse_xml(f"<w:tblBorders {nsdecls('w')}>{lines}</w:tblBorders>")
    table._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def _set_row(row: Any, *, head: bool) -> None:
    from docx.oxml import OxmlElement

    properties = row.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))


def _shade() -> Any:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    return parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{SHADE}"/>')


def as_bytes(paper: Paper) -> bytes:
    """The finished document; the same content gives the same bytes, whatever the hour."""
    if paper.leftwards:
        _turn_paragraphs(paper.document)
    made = io.BytesIO()
    paper.document.save(made)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(out, "w") as whole:
        for name in parts.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            whole.writestr(entry, parts.read(name))
    return out.getvalue()


def _turn_paragraphs(document: Document) -> None:
    """Every paragraph of text, tables, head and foot runs from right to left."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    section = document.sections[0]
    for story in (document.element.body, section.header._element, section.footer._element):
        for paragraph in story.iter(qn("w:p")):
            paragraph.get_or_add_pPr().insert_element_before(OxmlElement("w:bidi"), *_AFTER_BIDI)
