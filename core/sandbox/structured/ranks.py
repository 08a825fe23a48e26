"""Which references of a schema have a finite value, and which parts of a schema have the smallest one."""

from collections.abc import Mapping

from core.sandbox.json_schema.strict import Schema, resolve, schema_types, subschemas

INFINITE = float("inf")


def rank_references(root: Schema) -> dict[str, int]:
    """Return the number of references that the smallest value of each reference in *root* goes through.

    A reference without a rank has no finite value.
    """
    targets = {
        sub.schema["$ref"]: resolve(sub.schema["$ref"], root)
        for sub in subschemas(root)
        if isinstance(sub.schema, dict) and "$ref" in sub.schema
    }
    ranks: dict[str, int] = {}
    for number in range(1, len(targets) + 1):
        new = {
            name: number
            for name, target in targets.items()
            if name not in ranks and target is not None and rank(target, ranks) < INFINITE
        }
        if not new:
            break
        ranks |= new
    return ranks


def rank(schema: Schema, ranks: Mapping[str, int]) -> float:
    """Return the highest rank of the references that every value of *schema* contains."""
    if "$ref" in schema:
        return ranks.get(schema["$ref"], INFINITE)
    if "const" in schema or "enum" in schema or "null" in schema_types(schema):
        return 0
    for keyword in ("anyOf", "oneOf"):
        if options := [option for option in schema.get(keyword, ()) if isinstance(option, dict)]:
            return min(rank(option, ranks) for option in options)
    if "array" in schema_types(schema):
        items = schema.get("items")
        return rank(items, ranks) if schema.get("minItems") and isinstance(items, dict) else 0
    properties = schema.get("properties", {})
    required = [properties.get(name) for name in schema.get("required", ())]
    return max((rank(child, ranks) for child in required if isinstance(child, dict)), default=0)
