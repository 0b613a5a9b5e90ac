"""Numbers become charts, maps, pages, the upload workbook and the report."""
