"""The closed list of kinds of problems (contract, section 5), each with what it says. A test holds the code to it."""

from __future__ import annotations

#: kind -> what it says of a page, a cell or a document.
PROBLEM_KINDS = {
    # of the page
    "partly_ruled": "rules close no grid: a table may be missing",
    "unruled": "columns of numbers without rules: a table may be missing",
    "scan": "the page is a picture",
    "scan_with_text": "the page is a picture with a text layer, which is not trusted",
    "broken_text": "the characters of the page have no meaning",
    "damaged_page": "the page could not be read",
    "hidden_text": "invisible text was kept out of the cells",
    "doubled_text": "characters printed twice on one place were read once",
    "text_over_rules": "words run over the rules of cells",
    "rows_without_rules": "rows that no rule parts were told apart by their base lines",
    "too_many_objects": "only the first drawing objects were looked at",
    "ocr_missing": "no text recogniser is installed",
    "unsure_reading": "cells of a scan have no second reading that agrees",
    "no_witness": "a second engine could not read the page",
    # of the reading of a cell
    "lying_font": "a digit is drawn as another one than its font says",
    "cut_off": "a frame cuts off a part of the number",
    "private_use": "characters have no meaning outside their font",
    "overprinted": "different characters stand on one place",
    "small_digits": "small digits stand beside a number",
    "readings_disagree": "a second reading differs",
    "repaired_reading": "a second reading differs and the checks prove it",
    "garbled_text": "the letters of a page make no sense: a font has lost their meaning",
    "garbled_heading": "the heading of a column was not read soundly: what its numbers are is not sure",
    "lookalike": "letters for digits, and nothing proves the number",
    "unreadable_number": "no number by any grammar",
    "numbers_side_by_side": "several amounts in one cell that nothing parts",
    # of the meaning
    "header_claim": "a unit in the header that the amounts deny",
    "code_name": "code and name do not fit together",
    "missing_row": "a line of the hierarchy, or a part of a sum, is not there",
    "capped_percent": "percentages printed as 100 although more was reached",
    "fact_without_table": "a fact whose table is not there was left out",
    "duplicate_fact": "two quantities claim one place",
    "value_out_of_range": "more digits than the store holds",
    # what a person says of a document
    "said_year": "the document prints another year",
    "said_region": "the document prints another region",
    "said_kind": "the document is of another kind by its cover",
    "said_edition": "the document prints another edition",
    "said_agency": "the document prints another agency",
    "correction_failed": "a correction whose printed value has changed or is gone was not applied",
    "correction_moved": "the cell of a correction stands elsewhere by a little",
}
