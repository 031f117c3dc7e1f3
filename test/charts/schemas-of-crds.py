"""Makes strict JSON schemas of custom resource definitions: TARGET/<group>/<kind>_<version>.json. A field that a
definition does not name is an error, also where Kubernetes would drop it without a word.
usage: schemas-of-crds.py SOURCE TARGET"""
import json
import sys
from pathlib import Path

import yaml

WITHIN = ("items", "additionalProperties", "oneOf", "anyOf", "allOf", "not")


def strict(schema):
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: strict(value) if key in WITHIN else value for key, value in schema.items()}
    if "properties" in schema:
        out["properties"] = {key: strict(value) for key, value in schema["properties"].items()}
        closed = schema.get("type") == "object" and not schema.get("x-kubernetes-preserve-unknown-fields")
        if closed and "additionalProperties" not in schema:
            out["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        out.pop("type", None)
        out["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    return out


source, target = Path(sys.argv[1]), Path(sys.argv[2])
for file in sorted(source.glob("*.yaml")):
    for definition in yaml.safe_load_all(file.read_text()):
        if not definition or definition.get("kind") != "CustomResourceDefinition":
            continue
        group, kind = definition["spec"]["group"], definition["spec"]["names"]["kind"]
        for version in definition["spec"]["versions"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            schema["properties"] = {**schema["properties"], "metadata": {"type": "object"}}
            folder = target / group
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{kind.lower()}_{version['name']}.json").write_text(json.dumps(schema))
