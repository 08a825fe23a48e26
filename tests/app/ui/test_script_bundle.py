"""A script is joined with what it imports, and does the same as its modules."""

import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from components.shell.navigation import PAGES
from components.ui.scripts.script_bundle import UnsupportedModule, bundle
from components.ui.scripts.script_urls import script_files

ENTRIES = sorted({page.script for page in PAGES if page.script})


def write(folder: Path, **sources: str) -> dict[str, Path]:
    """Write scripts to *folder*; `live_dom` is the one at live/dom.js."""
    files = {}
    for name, source in sources.items():
        path = f"{name.replace('_', '/')}.js"
        files[path] = folder / path
        files[path].parent.mkdir(exist_ok=True)
        files[path].write_text(source)
    return files


def run(script: str) -> str:
    """Return what *script* prints, as a module in node."""
    node, _ = compute_driver_executable()
    command = [node, "--input-type=module", "--eval", script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_runs_each_module_once_after_what_it_imports(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        a_entry='import { left } from "../b/left.js";\nimport { right } from "../b/right.js";\n'
        "export const sum = left + right;\nconsole.log(`sum ${sum}`);\n",
        b_left='import { one } from "./one.js";\nexport const left = one;\n',
        b_right='import { one } from "./one.js";\nexport const right = one + 1;\n',
        b_one='console.log("one");\nexport const one = 1;\n',
    )

    assert run(bundle("a/entry.js", files)) == "one\nsum 3"


def test_knows_each_form_of_import_and_export(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        entry='import {\n  Chat, follow as get,\n  count,\n} from "./all.js";\n'
        'import purify from "./pure.js";\nimport { short } from "./pure.js";\nimport "./setup.js";\n'
        "console.log(new Chat().name, await get(), [...count()], purify, short, globalThis.ready);\n",
        all='export class Chat { name = "chat"; }\nexport async function follow() { return "followed"; }\n'
        "export function* count() { yield 8; }\n",
        pure='const h = "pure", e = "short";export{h as default,e as short};\n',
        setup="globalThis.ready = true;\nexport {};\n",
    )

    assert run(bundle("entry.js", files)) == "chat followed [ 8 ] pure short true"


def test_gives_each_module_its_own_names(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        entry='import { get } from "./one.js";\nconst value = "entry";\nconsole.log(get(), value);\n',
        one='const value = "one";\nexport function get() { return value; }\n',
    )

    assert run(bundle("entry.js", files)) == "one entry"


def test_makes_a_stylesheet_of_a_css_file(tmp_path: Path) -> None:
    files = write(
        tmp_path, entry='import styles from "./a.css" with { type: "css" };\nconsole.log(styles.text);'
    )
    files["a.css"] = tmp_path / "a.css"
    files["a.css"].write_text('p::before { content: "\\201c"; } /* ` </script> ${1} */\n')
    stand_in = "globalThis.CSSStyleSheet = class { replaceSync(text) { this.text = text; } };\n"

    assert run(stand_in + bundle("entry.js", files)) == files["a.css"].read_text().strip()


def test_imports_later_what_the_script_imports_while_it_runs(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        a_entry='import { load } from "../b/load.js";\n',
        b_load='export const load = () => import("./late.js");\n',
        b_late="export const late = 1;\n",
    )

    assert 'import("./../b/late.js")' in bundle("a/entry.js", files)
    assert "late = 1" not in bundle("a/entry.js", files)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ('import * as all from "./other.js";', "import * as all"),
        ("export default class {}", "export default"),
        ("export let count = 0;", "export let"),
        ('export { a } from "./other.js";', "export { a } from"),
        ('import { a } from "./missing.js";', "missing.js does not exist: entry.js > module.js"),
        ('import { a } from "./module.js";', "module.js imports itself: entry.js > module.js"),
    ],
)
def test_refuses_what_it_does_not_know(tmp_path: Path, source: str, problem: str) -> None:
    files = write(
        tmp_path, entry='import "./module.js";\n', module=f"{source}\n", other="export const a = 1;\n"
    )

    with pytest.raises(UnsupportedModule) as error:
        bundle("entry.js", files)
    assert problem in str(error.value)


@pytest.mark.parametrize("name", [name for name in script_files() if name.endswith(".js")])
def test_joins_every_script_of_the_app(name: str) -> None:
    joined = bundle(name, script_files())

    assert 'import "' not in joined
    assert 'from "./' not in joined


@pytest.mark.parametrize("entry", ENTRIES)
def test_makes_valid_modules_of_the_scripts_of_pages(entry: str, tmp_path: Path) -> None:
    node, _ = compute_driver_executable()
    module = tmp_path / "module.mjs"
    module.write_text(bundle(entry, script_files()))

    assert subprocess.run([node, "--check", module], capture_output=True, text=True).stderr == ""
