"""What the code of a Pydantic model imports, and the names that it can use."""

import builtins
import keyword
import re

# Types with a format of their own in JSON Schema, and the module that they are imported from.
FORMAT_TYPES = {
    "date-time": ("datetime", "datetime"),
    "date": ("datetime", "date"),
    "time": ("datetime", "time"),
    "duration": ("datetime", "timedelta"),
    "uuid": ("uuid", "UUID"),
}
_IMPORTED = {"Annotated", "Any", "BaseModel", "ConfigDict", "Field", "Literal"}
_RESERVED = _IMPORTED | {name for _module, name in FORMAT_TYPES.values()} | set(dir(builtins))
# Attributes of BaseModel that a field would hide, or that Pydantic reserves.
_MODEL_ATTRIBUTES = {"copy", "dict", "json", "construct", "validate", "schema", "fields", "parse_obj"}


def is_field_name(name: str) -> bool:
    """Whether a field can have this *name*; another one needs an alias."""
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith(("_", "model_"))
        and name not in _MODEL_ATTRIBUTES
        # A field called like a type that another annotation uses would hide it.
        and name not in _RESERVED
    )


def is_class_name(name: str) -> bool:
    """Whether a class can have this *name*, and its definition the same."""
    is_free = not keyword.iskeyword(name) and name not in _RESERVED
    return name.isidentifier() and name.isascii() and not name.startswith("_") and is_free


def definition_name(class_name: str) -> str:
    """Return the name of a class in `$defs`."""
    return re.sub(r"[^a-zA-Z0-9.\-_]", "_", class_name)


def field_name_for(name: str, taken: set[str]) -> str:
    """Return a name for the field whose alias is *name*."""
    base = re.sub(r"\W+", "_", name).strip("_") or "field"
    base = base if is_field_name(base) else f"{base}_" if is_field_name(f"{base}_") else f"field_{base}"
    return _unique(base, taken, "_")


def class_name_for(name: str, is_item: bool, taken: set[str]) -> str:
    """Return a name for the class of the objects in the property *name*, in the singular for a list."""
    if is_item and re.fullmatch(r"[A-Za-z_]*[a-z]s", name) and not name.endswith("ss"):
        name = f"{name[:-3]}y" if name.endswith("ies") else name[:-1]
    words = re.split(r"[\W_]+", name, flags=re.ASCII)
    base = "".join(word[:1].upper() + word[1:] for word in words)
    base = base if is_class_name(base) else f"Model{base}"
    return _unique(base, taken, "")


def _unique(base: str, taken: set[str], separator: str) -> str:
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}{separator}{number}"
    taken.add(name)
    return name
