"""The imports of a script that consists of definitions of our own modules."""

import ast
import inspect
import re
import sys
from collections.abc import Iterable
from importlib import import_module


def import_lines(modules: Iterable[str], body: str) -> str:
    """Write the imports of *modules*, which *body* comes from, without the names that it does not use."""
    plain, names = {"asyncio", "os", "uuid"}, dict[str, set[str]]()
    sources = [inspect.getsource(import_module(module)) for module in modules]
    for node in (node for source in sources for node in ast.parse(source).body):
        if isinstance(node, ast.Import):
            plain |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith("core."):
            names.setdefault(node.module, set()).update(alias.name for alias in node.names)

    def is_used(name: str) -> bool:
        return re.search(rf"(?<![\w.\"]){name}\b", body) is not None

    lines = [(name, f"import {name}") for name in sorted(plain) if is_used(name)]
    for module in sorted(names):
        if used := sorted(filter(is_used, names[module])):
            lines.append((module, f"from {module} import {', '.join(used)}"))
    standard = [line for module, line in lines if module.partition(".")[0] in sys.stdlib_module_names]
    others = [line for _, line in lines if line not in standard]
    return "\n".join([*standard, "", *others])
