"""A report as a PDF of A4 pages: tables, and bars beside those that have some. No script, no link, no picture."""

from fpdf import FPDF

from tapal_server.reports.period import Report
from tapal_server.reports.tables import Cell, Table, tables, title

__all__ = ["LINE", "Pages", "text_of", "to_pdf"]

_WIDTH = 180.0
LINE = 6.0
_COLOURS = ((31, 78, 121), (217, 119, 6))
_MOST_BARS = 24
_FOOT = {"id": "Petunjuk, bukan bukti. Halaman", "en": "Leads, not proofs. Page"}


class Pages(FPDF):
    """A4 with a foot."""

    def __init__(self, language: str) -> None:
        super().__init__(format="A4")
        self._language = language
        self.set_margins(15, 15)
        self.set_auto_page_break(auto=True, margin=18)
        self.set_lang(language)

    def heading(self, text: str, *, rows: int) -> None:
        """A heading that stays with the beginning of what it heads."""
        if self.get_y() + 14 + LINE * min(rows + 1, 4) > self.h - 20:
            self.add_page()
        self.ln(4)
        self.set_font("helvetica", style="B", size=12)
        self.set_text_color(0, 0, 0)
        self.cell(0, 8, text, new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        """What it is, and which page."""
        self.set_y(-12)
        self.set_font("helvetica", size=8)
        self.set_text_color(90, 90, 90)
        self.cell(0, 5, f"Tapal. {_FOOT[self._language]} {self.page_no()}/{{nb}}", align="C")


def to_pdf(report: Report, *, language: str) -> bytes:
    """All tables of a report, in the same order as in the workbook."""
    pages = Pages(language)
    pages.set_title(title(language))
    pages.set_creator("Tapal")
    pages.add_page()
    pages.set_font("helvetica", style="B", size=17)
    pages.cell(0, 10, title(language), new_x="LMARGIN", new_y="NEXT")
    parts = tables(report, language=language)
    pages.set_font("helvetica", size=10)
    sites = text_of(", ".join(report.sites))
    pages.multi_cell(0, LINE, sites, new_x="LMARGIN", new_y="NEXT")
    for part in parts:
        if not part.rows:
            continue
        pages.heading(part.title, rows=len(part.rows))
        if len(part.head) > 2 or not part.bars:  # bars say all that a table of two columns would
            _table(pages, part)
        _bars(pages, part)
    return bytes(pages.output())


def _table(pages: Pages, table: Table) -> None:
    pages.set_font("helvetica", size=8)
    pages.set_fill_color(255, 255, 255)
    longest = max(len(text_of(row[0])) for row in (table.head, *table.rows))
    first, rest = min(50.0, max(16.0, longest)), len(table.head) - 1
    widths = (first, *((100 - first) / rest,) * rest)
    with pages.table(col_widths=widths, line_height=LINE, width=int(_WIDTH), padding=(0.4, 1)) as drawn:
        for row in (table.head, *table.rows):
            drawn.row([text_of(value) for value in row])


def _bars(pages: Pages, table: Table) -> None:
    rows = table.rows[:_MOST_BARS]
    values = [[_number(row[column]) for column in table.bars] for row in rows]
    most = max((value for row in values for value in row), default=0.0)
    if not table.bars or most <= 0:
        return
    pages.ln(2)
    each = 4.0 * len(table.bars) + 2
    pages.set_font("helvetica", size=8)
    _legend(pages, table)
    for row, heights in zip(rows, values, strict=True):
        if pages.get_y() + each > pages.h - 20:
            pages.add_page()
        top = pages.get_y()
        pages.set_xy(15, top)
        name = text_of(row[0]) + (f", {text_of(row[1])}" if min(table.bars) > 1 else "")
        pages.cell(58, each - 1.5, name[:38])
        for place, value in enumerate(heights):
            pages.set_fill_color(*_COLOURS[place])
            pages.rect(75, top + 4 * place, max(0.2, 105 * value / most), 3.2, style="F")
            pages.set_xy(76 + 105 * value / most, top + 4 * place)
            pages.cell(12, 3.2, f"{value:g}")
        pages.set_xy(15, top + each)
    pages.ln(2)


def _legend(pages: Pages, table: Table) -> None:
    for place, column in enumerate(table.bars):
        pages.set_fill_color(*_COLOURS[place])
        pages.rect(75 + 40 * place, pages.get_y() + 1, 3, 3, style="F")
        pages.set_x(79 + 40 * place)
        pages.cell(36, 5, table.head[column])
    pages.ln(6)


def text_of(value: Cell) -> str:
    """What can be printed in the fonts of every PDF reader."""
    text = "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return "".join(sign if sign.isprintable() else " " for sign in text).encode("latin-1", "replace").decode("latin-1")


def _number(value: Cell) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
