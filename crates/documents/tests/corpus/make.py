#!/usr/bin/env python3
"""Makes the files of this folder that unpack to more than a test should write: run it here."""

import zipfile

REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = {
    "_rels/.rels": f'<Relationships><Relationship Id="rId1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns:r="{REL}"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="rId1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def make(name, part, start, piece, times, end):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        def info(path):
            entry = zipfile.ZipInfo(path)
            entry.compress_type = zipfile.ZIP_DEFLATED
            return entry
        for path, content in PARTS.items():
            archive.writestr(info(path), content)
        with archive.open(info(part), "w", force_zip64=False) as file:
            file.write(start)
            for _ in range(times):
                file.write(piece)
            file.write(end)
        if part != "xl/worksheets/sheet1.xml":
            archive.writestr(info("xl/worksheets/sheet1.xml"), "<worksheet><sheetData/></worksheet>")


make(
    "gigabyte-of-zeros.xlsx",
    "xl/worksheets/sheet1.xml",
    b'<worksheet><sheetData><row r="1"><c r="A1"><v>',
    b"0" * (1 << 20),
    1 << 10,
    b"</v></c></row></sheetData></worksheet>",
)
make(
    "strings-beyond-memory.xlsx",
    "xl/sharedStrings.xml",
    b"<sst>",
    b"<si><t>0</t></si>" * (1 << 16),
    257,
    b"</sst>",
)
