"""Join a script with the scripts and stylesheets that it imports: a browser needs one request for all.

The scripts stay plain modules, which run unjoined too. This is no parser: it knows these forms of statements,
at the beginning of a line, and raises `UnsupportedModule` for any other.

    import { h, icon as draw } from "./dom.js";              export class Chat {
    import createPurifier from "./vendor/dompurify.js";      export async function follow() {
    import styles from "./live.css" with { type: "css" };    export const LIMIT = 8;
    import "./setup.js";                                     export { purifier as default };

A script that is imported while another runs, with `import("./highlight.js")`, stays a module of its own, and
has its own copies of what it imports.
"""

import json
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

_IMPORT = re.compile(
    r'^import (?:(?P<default>\w+) from |\{(?P<names>[^}]*)\} from )?"(?P<path>\.[^"]+)"'
    r'(?: with \{ type: "css" \})?;',
    re.MULTILINE,
)
_LATE_IMPORT = re.compile(r'\bimport\("(?P<path>\.[^"]+)"\)')
_EXPORT = re.compile(r"^export (?P<declaration>(?:async )?(?:function\*?|class|const) (?P<name>\w+))", re.M)
# Minified code may have it at the end of a long line.
_EXPORT_LIST = re.compile(r"(?:^|(?<=;))export ?\{(?P<names>[^}]*)\};?$", re.MULTILINE)
_OTHER_STATEMENT = re.compile(r"^(?:import|export)\b(?!\().*", re.MULTILINE)
_STYLESHEET = """const sheet = new CSSStyleSheet();
sheet.replaceSync(%s);
export { sheet as default };
"""


class UnsupportedModule(ValueError):
    """A script cannot be joined with what it imports."""


def bundle(entry: str, files: Mapping[str, Path]) -> str:
    """Return the script *entry* with all that it imports as one module. *files* are those that there are."""
    modules: dict[str, str] = {}
    importers: list[str] = []

    def code(name: str) -> str:
        """Return the code of a module with variables for its imports, which are in *modules* by then."""
        if name in importers or name not in files:
            problem = "imports itself" if name in importers else "does not exist"
            raise UnsupportedModule(f"{name} {problem}: {' > '.join([*importers, name])}")
        source = files[name].read_text("utf-8")
        if name.endswith(".css"):
            return _STYLESHEET % json.dumps(source)
        importers.append(name)
        source = _IMPORT.sub(
            lambda match: _declaration(match, variable(_resolve(name, match["path"]))), source
        )
        importers.pop()
        return _LATE_IMPORT.sub(lambda match: f'import("{_relative(name, match["path"], entry)}")', source)

    def variable(name: str) -> str:
        if name not in modules:
            modules[name] = _function_body(name, code(name))
        return f"module{list(modules).index(name)}"

    entry_code = code(entry)
    imported = [f"const {variable(name)} = (() => {{\n{body}}})();\n" for name, body in modules.items()]
    return "".join([*imported, entry_code])


def _declaration(statement: re.Match[str], module: str) -> str:
    if statement["default"]:
        return f"const {{ default: {statement['default']} }} = {module};"
    return f"const {{{statement['names'].replace(' as ', ': ')}}} = {module};" if statement["names"] else ""


def _function_body(name: str, source: str) -> str:
    """Return the code of a module as the body of a function that returns what the module exports."""
    exported = [match["name"] for match in _EXPORT.finditer(source)]
    for exports in _EXPORT_LIST.finditer(source):
        items = [item.strip().split(" as ") for item in exports["names"].split(",") if item.strip()]
        exported += [f"{item[-1]}: {item[0]}" for item in items]
    source = _EXPORT_LIST.sub("", _EXPORT.sub(r"\g<declaration>", source))
    if other := _OTHER_STATEMENT.search(source):
        raise UnsupportedModule(f"{name} has a statement of an unknown form: {other[0]}")
    return f"{source}\nreturn {{ {', '.join(exported)} }};\n"


def _resolve(importer: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), path))


def _relative(importer: str, path: str, entry: str) -> str:
    """Return the address of what *importer* imports at *path*, as seen from *entry*."""
    return f"./{posixpath.relpath(_resolve(importer, path), posixpath.dirname(entry))}"
