package sheet

// The parts of a spreadsheet with one sheet, by Office Open XML (ECMA-376, parts 1 and 2), but for the sheet itself.
const (
	sheetPart = "xl/worksheets/sheet1.xml"

	xmlHead    = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace  = `http://schemas.openxmlformats.org/spreadsheetml/2006/main`
	kinds      = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	packages   = `http://schemas.openxmlformats.org/package/2006`
	sheetTypes = `application/vnd.openxmlformats-officedocument.spreadsheetml`

	sheetBegin = xmlHead + `<worksheet xmlns="` + mainSpace + `"><sheetData>`
	sheetEnd   = `</sheetData></worksheet>`
)

// forms are the files of the archive, with {title} and {sheet} for the title and the name of the sheet.
var forms = []struct{ part, form string }{
	{"[Content_Types].xml", xmlHead + `<Types xmlns="` + packages + `/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + sheetTypes + `.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + sheetTypes + `.styles+xml"/>` +
		`<Override PartName="/` + sheetPart + `" ContentType="` + sheetTypes + `.worksheet+xml"/></Types>`},
	{"_rels/.rels", xmlHead + `<Relationships xmlns="` + packages + `/relationships">` +
		`<Relationship Id="rId1" Type="` + kinds + `/officeDocument" Target="xl/workbook.xml"/>` +
		`<Relationship Id="rId2" Type="` + packages + `/relationships/metadata/core-properties" Target="docProps/core.xml"/>` +
		`</Relationships>`},
	{"docProps/core.xml", xmlHead + `<cp:coreProperties xmlns:cp="` + packages + `/metadata/core-properties" ` +
		`xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title><dc:creator>goto-operator</dc:creator></cp:coreProperties>`},
	{"xl/workbook.xml", xmlHead + `<workbook xmlns="` + mainSpace + `" xmlns:r="` + kinds + `"><sheets>` +
		`<sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", xmlHead + `<Relationships xmlns="` + packages + `/relationships">` +
		`<Relationship Id="rId1" Type="` + kinds + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + kinds + `/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", xmlHead + `<styleSheet xmlns="` + mainSpace + `">` +
		`<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd hh:mm:ss"/></numFmts>` +
		`<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`},
}
