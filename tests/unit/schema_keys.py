"""The keys of the configuration, as its schemas list them."""


def keys_of(schema):
    """Return every key of a model, with those of its sections: `parts.*.source.url`; `*` is a name that a user gives.

    From the JSON schema, not from the code that reads the configuration.
    """
    whole = schema.model_json_schema()

    def walk(node, key):
        if "$ref" in node:
            yield from walk(whole["$defs"][node["$ref"].rsplit("/", 1)[-1]], key)
        for inner in node.get("anyOf", []):
            yield from walk(inner, key)
        named = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
        for inner in named:
            if isinstance(inner, dict):
                yield f"{key}*"
                yield from walk(inner, f"{key}*.")
        for name, inner in node.get("properties", {}).items():
            yield f"{key}{name}"
            yield from walk(inner, f"{key}{name}.")

    return set(walk(whole, ""))


def leaves_of(schema):
    """Return the keys of a model that hold a value and no section."""
    keys = keys_of(schema)
    return {key for key in keys if not any(other.startswith(f"{key}.") for other in keys)}
