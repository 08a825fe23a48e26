"""A query for a request about a table, whose columns the description of the function names."""

import re

_STATEMENT = re.compile(r"\b(?:SELECT|WITH)\b[^`;]+", re.IGNORECASE)
_TABLE = re.compile(r"\btable\s+[`'\"]?(?P<name>\w+)", re.IGNORECASE)
_COLUMNS = re.compile(r"\bcolumns?\s*(?::|are)\s*(?P<names>[^.\n]+)", re.IGNORECASE)
_GROUP = re.compile(r"\b(?:by|per|for each|in each)\s+(?P<en>\w+)|(?P<ko>\w+?)\s?별", re.IGNORECASE)
_COUNT = re.compile(r"\bhow many\b|\bcount\b|\bnumber of\b|몇 ?(?:개|행|줄|건)|개수|행 ?수", re.IGNORECASE)
_AGGREGATES = {
    "SUM": r"\b(?:sum|total)\b|합계|총합|총액",
    "AVG": r"\b(?:average|mean)\b|평균",
    "MAX": r"\b(?:max(?:imum)?|highest|largest|most)\b|최대|최고|가장 (?:큰|높은|많은)",
    "MIN": r"\b(?:min(?:imum)?|lowest|smallest|least)\b|최소|최저|가장 (?:작은|낮은|적은)",
}
_ROWS = 20


def write_query(request: str, description: str) -> str:
    """Return the statement in *request*, else one for what it asks of the table in *description*."""
    if statement := _STATEMENT.search(request):
        return " ".join(statement.group().split()).rstrip(" ?.")
    named = _COLUMNS.search(description)
    columns = [name.strip(" `'\"") for name in named["names"].split(",")] if named else []
    table_name = _TABLE.search(description)
    table = table_name["name"] if table_name else "data"
    group_name = _GROUP.search(request)
    group = _find(group_name["en"] or group_name["ko"], columns) if group_name else ""
    aggregate = next((name for name, words in _AGGREGATES.items() if re.search(words, request, re.I)), "")
    # That which is grouped by is mentioned, too.
    column = next((name for name in columns if name != group and _mentions(request, name)), "")
    if aggregate and column:
        result = f'{aggregate}("{column}")'
    elif _COUNT.search(request):
        result = "COUNT(*)"
    else:
        return f"SELECT * FROM {table} LIMIT {_ROWS}"
    return (
        f'SELECT "{group}", {result} FROM {table} GROUP BY "{group}"'
        if group
        else f"SELECT {result} FROM {table}"
    )


def _mentions(request: str, column: str) -> bool:
    words = re.escape(column).replace("_", "[ _]")
    return re.search(rf"(?<![A-Za-z]){words}", request, re.IGNORECASE) is not None


def _find(word: str, columns: list[str]) -> str:
    return next((name for name in columns if _mentions(word, name)), "")
