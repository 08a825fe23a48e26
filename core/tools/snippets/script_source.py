"""Join the sources of modules into one script, with their imports at its top."""

import ast
import inspect
from collections import defaultdict
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from core.snippets import literal


@dataclass(slots=True)
class SourceParts:
    """The imports and the definitions of a script. A module that is added twice is contained once."""

    _modules: set[str] = field(default_factory=set)
    _imports: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _bodies: list[str] = field(default_factory=list)

    def add_module(self, module: ModuleType) -> None:
        """Add the source of a module of the library, with its data as literals."""
        if module.__name__ not in self._modules:
            self._modules.add(module.__name__)
            self._add(inspect.getsource(module), vars(module))

    def add_source(self, source: str) -> None:
        """Add source that reads no data."""
        self._add(source, {})

    def text(self) -> str:
        """Return the imports, then the definitions, separated as usual."""
        plain = sorted(f"import {name}" for name, names in self._imports.items() if not names)
        of_names = sorted(
            f"from {name} import {', '.join(sorted(names))}" for name, names in self._imports.items() if names
        )
        return "\n".join([*plain, *of_names]) + "\n\n" + "\n\n".join(filter(None, self._bodies))

    def _add(self, source: str, values: dict[str, Any]) -> None:
        lines = source.splitlines(keepends=True)
        body, end = [], 0
        for node in ast.parse(source).body:
            # With the comments and empty lines before it.
            text = "".join(lines[end : node.end_lineno])
            end = node.end_lineno or end
            match node:
                case ast.Expr(value=ast.Constant(value=str())):
                    pass  # the docstring
                case ast.Import(names=aliases):
                    for alias in aliases:
                        self._imports[alias.name]  # an entry without names
                case ast.ImportFrom(module=str(module)) if module.startswith("core."):
                    pass  # only used to read data
                case ast.ImportFrom(module=str(module), names=aliases):
                    self._imports[module] |= {alias.name for alias in aliases}
                case ast.AnnAssign(target=ast.Name(id=name), annotation=kind) if "DATA / " in text:
                    body.append(f"\n{name}: {ast.unparse(kind)} = {literal(values[name])}\n")
                case _:
                    body.append(text)
        self._bodies.append("".join(body).strip("\n") + "\n" if body else "")
